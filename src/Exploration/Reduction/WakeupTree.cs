namespace RcuModel.Exploration.Reduction;

/// <summary>
/// Branches, in one pool: which sequences of steps still have to be explored, from one state or from all states of the current
/// execution. Children are ordered, and the first is explored first.
/// </summary>
/// <remarks>
/// What one reduction has to itself is freed as it is taken up. In a task that others may put branches under
/// (<see cref="Frontier"/>) nodes stay when they have been explored, so that a sequence that comes late finds the place that it
/// would have found in time.
/// </remarks>
internal sealed class WakeupTree(int capacity)
{
    /// <summary>No node.</summary>
    public const int None = -1;

    private Node[] _nodes = new Node[capacity];
    private readonly Stack<(int From, int To)> _moves = new();
    private int _free = None;
    private int _used;

    public struct Node
    {
        public Access Access;

        public int FirstChild;
        public int NextSibling;

        /// <summary>Whether it stands for everything that begins so; a sequence that gets here is covered.</summary>
        public bool IsOpaque;

        /// <summary>Everything below has been explored.</summary>
        public bool IsClosed;
    }

    public ref Node this[int node] => ref _nodes[node];

    /// <summary>Held by whoever reads or changes the tree of a task that has an owner; a private one needs none.</summary>
    public Lock Gate { get; } = new();

    /// <summary>How many nodes have not been explored.</summary>
    public int Live { get; private set; }

    /// <summary>Makes a node; one without children stands for everything that begins so.</summary>
    public int New(in Access access, int firstChild = None)
    {
        int node = _free;
        if (node != None)
        {
            _free = _nodes[node].NextSibling;
        }
        else
        {
            if (_used == _nodes.Length)
                Array.Resize(ref _nodes, Math.Max(_used * 2, 8));
            node = _used++;
        }

        ref Node made = ref _nodes[node];
        made.Access = access;
        made.FirstChild = firstChild;
        made.NextSibling = None;
        made.IsOpaque = firstChild == None;
        made.IsClosed = false;
        Live++;
        return node;
    }

    /// <summary>Gives a node back; its children live on.</summary>
    public void Free(int node)
    {
        ref Node freed = ref _nodes[node];
        if (!freed.IsClosed)
            Live--;
        freed.Access.Footprint = null;
        freed.NextSibling = _free;
        _free = node;
    }

    /// <summary>Gives back all nodes of a list, and all below them.</summary>
    public void FreeAll(int list)
    {
        while (list != None)
        {
            // Children are freed before what follows: they are put in front of it.
            int first = list;
            list = _nodes[first].NextSibling;
            int child = _nodes[first].FirstChild;
            Free(first);
            if (child == None)
                continue;
            AddLast(ref child, list);
            list = child;
        }
    }

    /// <summary>Puts a node at the end of a list of siblings.</summary>
    public void AddLast(ref int list, int node)
    {
        if (list == None)
            list = node;
        else
            AddBehind(list, node);
    }

    /// <summary>Puts a node at the end of the list that a sibling is in.</summary>
    public void AddBehind(int sibling, int node)
    {
        while (_nodes[sibling].NextSibling != None)
            sibling = _nodes[sibling].NextSibling;
        _nodes[sibling].NextSibling = node;
    }

    /// <summary>The first node of a list that has not been explored; <see cref="None"/> if all have been.</summary>
    public int FirstOpen(int list)
    {
        while (list != None && _nodes[list].IsClosed)
            list = _nodes[list].NextSibling;
        return list;
    }

    /// <summary>Everything below has been explored.</summary>
    /// <param name="node">The node.</param>
    /// <param name="forgets">Whether nobody will put anything under it any more.</param>
    public void Close(int node, bool forgets)
    {
        ref Node closed = ref _nodes[node];
        closed.IsClosed = true;
        Live--;
        if (!forgets && !closed.IsOpaque)
            return;
        FreeAll(closed.FirstChild);
        closed.FirstChild = None;
        closed.IsOpaque = true;
    }

    /// <summary>Something has been put under it.</summary>
    public void Reopen(int node)
    {
        ref Node closed = ref _nodes[node];
        if (!closed.IsClosed)
            return;
        closed.IsClosed = false;
        Live++;
    }

    /// <summary>Moves a node and all below it to another tree, where it has the number that is returned.</summary>
    public int MoveTo(WakeupTree other, int node)
    {
        int moved = other.Take(_nodes[node]);
        _moves.Push((node, moved));
        while (_moves.TryPop(out (int From, int To) move))
        {
            int last = None;
            for (int child = _nodes[move.From].FirstChild; child != None; child = _nodes[child].NextSibling)
            {
                int taken = other.Take(_nodes[child]);
                if (last == None)
                    other._nodes[move.To].FirstChild = taken;
                else
                    other._nodes[last].NextSibling = taken;
                last = taken;
                _moves.Push((child, taken));
            }

            Free(move.From);
        }

        return moved;
    }

    // The node alone, without family.
    private int Take(in Node node)
    {
        int taken = New(node.Access);
        ref Node made = ref _nodes[taken];
        made.IsOpaque = node.IsOpaque;
        made.IsClosed = node.IsClosed;
        if (node.IsClosed)
            Live--;
        return taken;
    }
}
