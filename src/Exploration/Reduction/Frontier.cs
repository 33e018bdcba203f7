using System.Diagnostics;

namespace RcuModel.Exploration.Reduction;

/// <summary>
/// The part of the exploration tree that several reductions work on at once: which branches there are, who explores
/// which, and what is done.
/// </summary>
/// <remarks>
/// <para>
/// # Tasks. A task is a leaf of this tree: a state, and a tree of the branches that have to be explored from it. Whoever takes
/// it explores all of it, from left to right, with the ordinary depth-first algorithm on private arrays, and touches this
/// tree only for races that begin above the task. When somebody has nothing to do, whoever has more than one branch left
/// divides its task at the shallowest state with several: the path down to there becomes part of this tree, the branches
/// become tasks.
/// </para>
/// <para>
/// # Why nothing is lost. The sequential algorithm explores the branches of a node from left to right, and a race on the
/// left may ask for a sequence v that begins like a branch b further right: then v is put under b. To count b as done as
/// soon as somebody has it would lose v (docs/decisions/2026-11-24-parallel-reduction.md has an example). Here b need
/// not be waiting for that: steps that lead to an <em>opaque</em> leaf, one that stands for everything that begins so, are
/// <em>guided</em>. They stay in the task's tree, with all that has been put under them since, until everything left of
/// them is done. So v finds the place that it would have found: it goes down through guided nodes by the same rule, ends
/// at an opaque one, or becomes a new branch; the task that it is in is open again if it was closed.
/// </para>
/// <para>
/// # Why nothing is done twice. What is left of a branch when it is made sleeps in it, whether it has been explored or is
/// being explored; a new branch is made only where none of its elder siblings can begin it. Neither depends on who is faster.
/// Two executions anywhere in the tree therefore part at a node where the right one keeps the left one asleep, exactly
/// as in the sequential exploration: the total is the same, whatever the number of workers.
/// </para>
/// <para>
/// # Locks. The gate is held while this tree is read or changed. The tree of a task has a gate of its own, which its owner
/// takes for guided nodes only, and never while it waits for the other; whoever comes from above has both.
/// </para>
/// <para>
/// # Memory. A node is closed when all below it is; closed nodes go when everything left of them is closed too, because
/// nothing can be put under them any more. Their first steps remain, for the sleep sets of their siblings. The leftmost task
/// keeps nothing, so one worker alone never does.
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

        /// <summary>For a task: whether everything left of it is closed, so that nobody puts anything under it from outside.</summary>
        public volatile bool IsFirst;

        /// <summary>Which part of it has been explored, when somebody last asked.</summary>
        public double Explored;

        /// <summary>
        /// For a task: its branches hang from node <see cref="Top"/>. Null while it is one opaque leaf, and for an opaque one that is closed.
        /// </summary>
        public WakeupTree? Branches;
        public int Top;

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

    private static readonly long s_patience = Stopwatch.Frequency / 10_000;

    private readonly Node _root = new(null, default) { IsOpaque = true, IsFirst = true };
    private readonly bool _sharesAlways;
    private int _open;
    private int _queued;
    private int _idle;
    private volatile bool _stopped;

    /// <param name="sharesAlways">
    /// Whether branches are handed out although nobody waits, and the last is taken first: every path of this code is taken then.
    /// </param>
    public Frontier(bool sharesAlways = false)
    {
        _sharesAlways = sharesAlways;
    }

    /// <summary>Begins with the root as the only task, as it is: with nothing done, or with the branches that it has been given.</summary>
    public void Begin()
    {
        lock (Gate)
        {
            if (!_root.IsClosed)
                Queue(_root);
        }
    }

    /// <summary>Held while the tree is read or changed.</summary>
    public object Gate { get; } = new();

    /// <summary>The node from which all executions begin.</summary>
    public Node Root => _root;

    /// <summary>How many reductions wait for a task.</summary>
    public int Idle => Volatile.Read(ref _idle);

    /// <summary>Whether somebody waits for work and there is none. A glance, without the gate.</summary>
    public bool IsHungry => _sharesAlways || Volatile.Read(ref _idle) > Volatile.Read(ref _queued);

    /// <summary>Whether everything has been explored.</summary>
    public bool IsComplete => Volatile.Read(ref _open) == 0;

    /// <summary>Branches in tasks that nobody has taken.</summary>
    public int Waiting()
    {
        lock (Gate)
        {
            int waiting = 0;
            for (Node? node = _root; node is not null; node = node.IsClosed ? Behind(node) : After(node))
            {
                if (node is { FirstChild: null, IsClosed: false, Owner: null })
                    waiting += node.Branches?.Live ?? 1;
            }

            return waiting;
        }
    }

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
                if (node is { Owner: null, Branches: { } branches })
                {
                    for (int branch = branches[node.Top].FirstChild; branch != WakeupTree.None; branch = branches[branch].NextSibling)
                    {
                        done += branches[branch].IsClosed ? 1 : 0;
                        all++;
                    }
                }

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

    /// <summary>Waits for a task and gives it to a reduction; false when there will be none.</summary>
    public bool Take(Reduction owner)
    {
        lock (Gate)
            _idle++;
        Watch();
        lock (Gate)
        {
            Node? task = null;
            while (!_stopped && _open > 0 && (task = _queued > 0 ? Next() : null) is null)
                Monitor.Wait(Gate);

            // Whoever looks at the tree under the gate finds either a waiting reduction or an owner.
            _idle--;
            if (task is null)
                return false;
            _queued--;
            owner.Adopt(task);
            return true;
        }
    }

    /// <summary>Ends all waiting: the exploration stops before it is complete.</summary>
    public void Stop()
    {
        lock (Gate)
        {
            _stopped = true;
            Monitor.PulseAll(Gate);
        }
    }

    /// <summary>Its owner lets go of a task: it has been explored to its end, or waits for somebody else.</summary>
    public void Leave(Node task)
    {
        lock (Gate)
        {
            task.Owner = null;
            if (task.Branches is { } branches && branches.FirstOpen(branches[task.Top].FirstChild) != WakeupTree.None)
            {
                _queued++;
                Monitor.Pulse(Gate);
                return;
            }

            // Nobody from outside puts anything under an opaque one.
            if (task.IsOpaque)
                task.Branches = null;
            for (Node? node = task; node is not null && HasOnlyClosedChildren(node); node = node.Parent)
                node.IsClosed = true;
            Sweep();
            if (--_open == 0)
                Monitor.PulseAll(Gate);
        }
    }

    /// <summary>
    /// Makes tasks of a task that nobody has: one of each branch at the shallowest state with several to explore. Returns the
    /// first of them; the others are queued. Under the gate.
    /// </summary>
    public Node Divide(Node task)
    {
        Debug.Assert(Monitor.IsEntered(Gate) && task is { Branches: not null, FirstChild: null, IsClosed: false });
        WakeupTree tree = task.Branches;
        Node parent = task;
        int state = task.Top;
        while (true)
        {
            int first = tree.FirstOpen(tree[state].FirstChild);
            bool isOnly = tree.FirstOpen(tree[first].NextSibling) == WakeupTree.None;
            int child = tree[state].FirstChild;
            tree.Free(state);
            parent.Branches = null;
            Node own = parent;
            while (child != WakeupTree.None)
            {
                int next = tree[child].NextSibling;
                Node node = parent.AddChild(tree[child].Access);
                node.IsOpaque = tree[child].IsOpaque;
                node.IsClosed = tree[child].IsClosed;
                if (child == first)
                    own = node;
                else
                    Detach(tree, child, node);
                child = next;
            }

            if (tree[first].FirstChild == WakeupTree.None)
            {
                Sweep();
                return own;
            }

            own.Branches = tree;
            own.Top = first;
            if (!isOnly)
            {
                Sweep();
                return own;
            }

            parent = own;
            state = first;
        }
    }

    /// <summary>Makes a task of a new leaf, or of one that has been closed and has something to explore again. Under the gate.</summary>
    public void Queue(Node leaf)
    {
        Debug.Assert(Monitor.IsEntered(Gate) && leaf is { FirstChild: null, Owner: null });
        for (Node? closed = leaf; closed is not null; closed = closed.Parent)
            closed.IsClosed = false;
        _open++;
        _queued++;
        Monitor.Pulse(Gate);
    }

    /// <summary>The next node when parents come before their children and children from left to right; null behind the last.</summary>
    public static Node? After(Node node) => node.FirstChild ?? Behind(node);

    // The next one that is not below this one.
    private static Node? Behind(Node node)
    {
        Node? up = node;
        while (up is not null && up.NextSibling is null)
            up = up.Parent;
        return up?.NextSibling;
    }

    // A task is a few executions away when there is one at all, and to be woken takes longer than that.
    private void Watch()
    {
        long deadline = Stopwatch.GetTimestamp() + s_patience;
        var spin = new SpinWait();
        while (Volatile.Read(ref _queued) == 0 && Volatile.Read(ref _open) > 0 && !_stopped && Stopwatch.GetTimestamp() < deadline)
            spin.SpinOnce(sleep1Threshold: -1);
    }

    // The leftmost task that nobody has: nearest to depth first, and what is done there need not be kept for long.
    private Node? Next()
    {
        Node? last = null;
        for (Node? node = _root; node is not null; node = node.IsClosed ? Behind(node) : After(node))
        {
            if (node is not { FirstChild: null, IsClosed: false, Owner: null })
                continue;
            if (!_sharesAlways)
                return node;
            last = node;
        }

        return last;
    }

    private void Detach(WakeupTree tree, int branch, Node task)
    {
        if (tree[branch].FirstChild == WakeupTree.None)
        {
            tree.Free(branch);
        }
        else
        {
            task.Branches = new WakeupTree(0);
            task.Top = tree.MoveTo(task.Branches, branch);
        }

        if (!task.IsClosed)
            Queue(task);
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
        Node last = _root;
        for (Node? node = _root; node is not null; node = node.FirstChild)
        {
            while (node.FirstChild is { IsClosed: true } done)
            {
                node.Gone.Add(done.Step);
                node.FirstChild = done.NextSibling;
                if (node.FirstChild is null)
                    node.LastChild = null;
            }

            last = node;
        }

        last.IsFirst = true;
    }
}
