using System.Diagnostics;
using System.Threading.Channels;

namespace RcuModel.Exploration.Reduction;

/// <summary>
/// The part of the exploration tree that several reductions work on at once: which branches there are, who explores
/// which, and what is done.
/// </summary>
/// <remarks>
/// <para>
/// # Tasks. A task is an <em>opaque</em> leaf of this tree: everything that begins with the steps that lead to it. Whoever
/// takes it explores it on its own, with the ordinary depth-first algorithm on private arrays, and touches this tree only
/// for races that begin above the task. When somebody has nothing to do, whoever has a branch left publishes the path down
/// to its shallowest one: that path becomes part of this tree, the branches there become tasks.
/// </para>
/// <para>
/// # Why nothing is lost. The sequential algorithm explores the branches of a node from left to right, and a race on the
/// left may ask for a sequence v that begins like a branch b further right: then v is put under b. To count b as done as
/// soon as somebody has it would lose v (docs/decisions/2026-11-24-parallel-reduction.md has an example). Here b need
/// not be waiting for that: steps that lead to an opaque leaf are <em>guided</em> nodes, which stay in this tree, with
/// all that has been put under them since, until everything left of them is done. So v finds the place that it would
/// have found: it goes down through guided nodes by the same rule, ends at a leaf that stands for it already, or becomes a
/// new branch, which is a new task.
/// </para>
/// <para>
/// # Why nothing is done twice. What is left of a branch when it is made sleeps in it, whether it has been explored or is
/// being explored; a new branch is made only where none of its elder siblings can begin it. Neither depends on who is faster.
/// Two executions anywhere in the tree therefore part at a node where the right one keeps the left one asleep, exactly
/// as in the sequential exploration: the total is the same, whatever the number of workers.
/// </para>
/// <para>
/// # Memory. A node is closed when all below it is; closed nodes go when everything left of them is closed too, because
/// nothing can be put under them any more. Their first steps remain, for the sleep sets of their siblings.
/// </para>
/// </remarks>
internal sealed class Frontier
{
    /// <summary>A state of the program, reached by the steps that lead to it.</summary>
    internal sealed class Node(Node? parent, in Access step)
    {
        public readonly Node? Parent = parent;

        /// <summary>How many steps lead here.</summary>
        public readonly int Depth = parent is null ? 0 : parent.Depth + 1;

        /// <summary>The step that leads here from the parent; nothing for the root.</summary>
        public readonly Access Step = step;

        /// <summary>Whether it stands for everything that begins so, and is no place to put sequences under.</summary>
        public bool IsOpaque;

        /// <summary>Everything below has been explored.</summary>
        public bool IsClosed;

        /// <summary>Which part of it has been explored, when somebody last asked.</summary>
        public double Explored;

        /// <summary>For a task that waits: the later, the higher.</summary>
        public long Number;

        /// <summary>Whoever explores it as a task.</summary>
        public Reduction? Owner;

        /// <summary>The first steps of children that are closed and gone; they were left of those that are here.</summary>
        public readonly List<Access> Gone = [];

        public Node? FirstChild;
        public Node? LastChild;
        public Node? NextSibling;

        public Node AddChild(in Access step)
        {
            var child = new Node(this, step);
            if (LastChild is null)
                FirstChild = child;
            else
                LastChild.NextSibling = child;
            LastChild = child;
            return child;
        }
    }

    // The newest first: that is nearest to depth first, which keeps the tree small.
    private readonly Channel<Node> _tasks = Channel.CreateUnboundedPrioritized(
        new UnboundedPrioritizedChannelOptions<Node> { Comparer = Comparer<Node>.Create(static (a, b) => b.Number.CompareTo(a.Number)) });

    private readonly Node _root = new(null, default) { IsOpaque = true };
    private readonly bool _sharesAlways;
    private int _open;
    private int _queued;
    private int _idle;
    private long _numbers;

    /// <param name="sharesAlways">Whether branches are handed out although nobody waits: every path of this code is taken then.</param>
    public Frontier(bool sharesAlways = false)
    {
        _sharesAlways = sharesAlways;
    }

    /// <summary>Begins at the root.</summary>
    public void Begin()
    {
        lock (Gate)
            Queue(_root);
    }

    /// <summary>Goes on with the tree as it stands: every leaf that is not closed is a task.</summary>
    public void Resume()
    {
        lock (Gate)
        {
            var nodes = new List<Node>();
            for (Node? node = _root; node is not null; node = After(node))
                nodes.Add(node);
            foreach (Node node in nodes.Where(static node => node is { FirstChild: null, IsClosed: false }))
            {
                node.IsOpaque = true;
                Queue(node);
            }

            // Children come after their parents.
            nodes.Reverse();
            foreach (Node node in nodes)
                node.IsClosed = node.IsClosed || (node.FirstChild is not null && HasOnlyClosedChildren(node));
            Sweep();
            if (_open == 0)
                _tasks.Writer.TryComplete();
        }
    }

    /// <summary>Held while the tree is read or changed.</summary>
    public Lock Gate { get; } = new();

    /// <summary>The node from which all executions begin.</summary>
    public Node Root => _root;

    /// <summary>How many reductions wait for a task.</summary>
    public int Idle => Volatile.Read(ref _idle);

    /// <summary>Whether somebody waits for work and there is none. A glance, without the gate.</summary>
    public bool IsHungry => _sharesAlways || Volatile.Read(ref _idle) > Volatile.Read(ref _queued);

    /// <summary>Whether everything has been explored.</summary>
    public bool IsComplete => Volatile.Read(ref _open) == 0;

    /// <summary>Which part of the tree has been explored, 0 to 1: as if all branches of a node were of one size.</summary>
    public double Explored()
    {
        lock (Gate)
        {
            // Children come after their parents, so that from behind each node's branches are known before the node.
            var nodes = new List<Node>();
            for (Node? node = _root; node is not null; node = After(node))
                nodes.Add(node);
            for (int n = nodes.Count - 1; n >= 0; n--)
            {
                Node node = nodes[n];
                double done = node.Gone.Count;
                int all = node.Gone.Count;
                for (Node? child = node.FirstChild; child is not null; child = child.NextSibling)
                {
                    done += child.Explored;
                    all++;
                }

                // The steps on the way to a task belong to whoever has it.
                node.Explored = node.IsClosed ? 1 : node.Owner is { } owner ? owner.Explored : all == 0 ? 0 : done / all;
            }

            return _root.Explored;
        }
    }

    /// <summary>Tasks that nobody has taken yet.</summary>
    public int Queued => Volatile.Read(ref _queued);

    /// <summary>Waits for a task and gives it to a reduction; false when there will be none.</summary>
    public bool Take(Reduction owner)
    {
        Interlocked.Increment(ref _idle);
        bool isIdle = true;
        try
        {
            while (_tasks.Reader.TryRead(out Node? task) || Wait(out task))
            {
                lock (Gate)
                {
                    // Whoever looks at the tree under the gate finds either a waiting reduction or an owner.
                    task!.Owner = owner;
                    _queued--;
                    Interlocked.Decrement(ref _idle);
                    isIdle = false;
                    owner.Adopt(task);
                    return true;
                }
            }

            return false;
        }
        finally
        {
            if (isIdle)
                Interlocked.Decrement(ref _idle);
        }
    }

    /// <summary>Ends all waiting: the exploration stops before it is complete.</summary>
    public void Stop() => _tasks.Writer.TryComplete();

    /// <summary>Makes a task of a leaf. Under the gate.</summary>
    public void Queue(Node leaf)
    {
        Debug.Assert(Gate.IsHeldByCurrentThread && leaf is { IsOpaque: true, FirstChild: null, IsClosed: false });
        _open++;
        _queued++;
        leaf.Number = _numbers++;
        _tasks.Writer.TryWrite(leaf);
    }

    /// <summary>A task has been explored to its end.</summary>
    public void Close(Node task)
    {
        lock (Gate)
        {
            task.Owner = null;
            for (Node? node = task; node is not null && HasOnlyClosedChildren(node); node = node.Parent)
                node.IsClosed = true;
            Sweep();
            if (--_open == 0)
                _tasks.Writer.TryComplete();
        }
    }

    /// <summary>The next node when parents come before their children and children from left to right; null behind the last.</summary>
    public static Node? After(Node node)
    {
        if (node.FirstChild is { } child)
            return child;
        Node? up = node;
        while (up is not null && up.NextSibling is null)
            up = up.Parent;
        return up?.NextSibling;
    }

    private static bool HasOnlyClosedChildren(Node node)
    {
        for (Node? child = node.FirstChild; child is not null; child = child.NextSibling)
        {
            if (!child.IsClosed)
                return false;
        }

        return true;
    }

    // Goes down along what is leftmost and still open; whatever is closed on the way has nothing open to its left.
    private void Sweep()
    {
        for (Node? node = _root; node is not null; node = node.FirstChild)
        {
            while (node.FirstChild is { IsClosed: true } done)
            {
                node.Gone.Add(done.Step);
                node.FirstChild = done.NextSibling;
                if (node.FirstChild is null)
                    node.LastChild = null;
            }
        }
    }

    // Nothing to read at the moment: waits until there is, or never will be.
    private bool Wait(out Node? task)
    {
        task = null;
        while (_tasks.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            if (_tasks.Reader.TryRead(out task))
                return true;
        }

        return false;
    }
}
