namespace RcuModel.Exploration.Reduction;

/// <summary>
/// The wakeup trees of all nodes of the current execution, in one pool. A tree at a node says which sequences still have
/// to be explored from there; its children are ordered, and the first is explored first.
/// </summary>
internal sealed class WakeupTree
{
    /// <summary>No node.</summary>
    public const int None = -1;

    private Node[] _nodes = new Node[64];
    private int _free = None;
    private int _used;

    public struct Node
    {
        public Access Access;

        public int FirstChild;
        public int NextSibling;
    }

    public ref Node this[int node] => ref _nodes[node];

    /// <summary>How many nodes wait to be explored.</summary>
    public int Live { get; private set; }

    public int New(in Access access)
    {
        int node = _free;
        if (node != None)
        {
            _free = _nodes[node].NextSibling;
        }
        else
        {
            if (_used == _nodes.Length)
                Array.Resize(ref _nodes, _used * 2);
            node = _used++;
        }

        ref Node made = ref _nodes[node];
        made.Access = access;
        made.FirstChild = None;
        made.NextSibling = None;
        Live++;
        return node;
    }

    /// <summary>Gives a node back; its children live on.</summary>
    public void Free(int node)
    {
        _nodes[node].Access.Footprint = null;
        _nodes[node].NextSibling = _free;
        _free = node;
        Live--;
    }

    /// <summary>Puts a node at the end of a list of siblings.</summary>
    public void AddLast(ref int list, int node)
    {
        if (list == None)
        {
            list = node;
            return;
        }

        int last = list;
        while (_nodes[last].NextSibling != None)
            last = _nodes[last].NextSibling;
        _nodes[last].NextSibling = node;
    }
}
