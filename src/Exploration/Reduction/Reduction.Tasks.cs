namespace RcuModel.Exploration.Reduction;

/// <summary>The task at hand, and what the reduction has in common with others that explore the same program.</summary>
/// <remarks>
/// A task begins at its <em>base</em> and has a tree of branches (<see cref="Frontier.Node.Branches"/>). States from the base
/// down to an opaque leaf of that tree are guided: others may put branches under them, so their branches stay in the tree,
/// explored or not. What is below the leaf is this reduction's own.
/// </remarks>
internal sealed partial class Reduction
{
    // The nodes of the frontier that lead to the task, the root first. As many steps of the trace are its prefix.
    private List<Frontier.Node> _path = [];
    private List<Frontier.Node> _adopted = [];
    private int _base;

    // Where the opaque leaf is.
    private int _leaf;
    private Frontier.Node? _task;

    /// <summary>Whether it has a task.</summary>
    public bool HasTask => _task is not null;

    /// <summary>Branches that wait to be explored. May be read by any thread.</summary>
    public int Pending => _tree.Live + (_task?.Branches?.Live ?? 0);

    private Frontier.Node Task => _task!;

    private WakeupTree Branches => Task.Branches!;

    /// <summary>
    /// Begins a task: the trace is then its prefix, and what leads to its first leaf. What it has in common with the task before
    /// stays, with the races found in it: the same elder branches sleep along it. Under the frontier's gate.
    /// </summary>
    public void Adopt(Frontier.Node task)
    {
        int common = 0;
        _adopted.Clear();
        for (Frontier.Node? node = task; node is not null; node = node.Parent)
            _adopted.Add(node);
        _adopted.Reverse();
        while (common < _adopted.Count && common < _path.Count && _path[common] == _adopted[common])
            common++;
        (_path, _adopted) = (_adopted, _path);

        int kept = Math.Max(common - 1, 0);
        while (_trace.Count > kept)
        {
            _trace.Pop();
            Release(_trace.Count + 1);
        }

        _races.ForgetFrom(kept);
        Volatile.Write(ref _explored, 0);
        _base = _path.Count - 1;
        _task = task;
        task.Owner = this;
        if (common == 0)
            _nodes[0] = new Node { Pending = WakeupTree.None };
        else
            ForgetElders(ref _nodes[kept]);
        for (int i = kept; i < _base; i++)
        {
            foreach (Access gone in _path[i].Gone)
                PutToSleep(ref _nodes[i], gone);
            for (Frontier.Node elder = _path[i].FirstChild!; elder != _path[i + 1]; elder = elder.NextSibling!)
                PutToSleep(ref _nodes[i], elder.Step);
            Enter(_trace.Append(_path[i + 1].Step));
        }

        _leaf = _base;
        if (task.Branches is not { } tree)
            return;
        lock (tree.Gate)
        {
            _nodes[_base].Guided = task.Top;
            DescendGuided(_base);
        }
    }

    /// <summary>
    /// Lets others have branches of the task, if it has several: what goes on here is the first of the parts, from where it is.
    /// After <see cref="Next"/>.
    /// </summary>
    public void Publish()
    {
        if (!HasSeveral())
            return;
        lock (_frontier.Gate)
        {
            Fold();
            Task.Owner = null;
            Adopt(_frontier.Divide(Task));
        }
    }

    /// <summary>Lets go of the task, with all that is left of it. Between two executions, before <see cref="Next"/>.</summary>
    public void GiveBack()
    {
        lock (_frontier.Gate)
        {
            if (Next())
                Fold();
            Leave();
        }
    }

    /// <summary>Lets go of a task that has nothing left, or had when it was last looked at.</summary>
    public void Leave()
    {
        Frontier.Node task = Task;
        _task = null;
        _frontier.Leave(task);
    }

    private bool HasSeveral()
    {
        for (int i = _trace.Count - 1; i >= _leaf; i--)
        {
            if (_nodes[i].Pending != WakeupTree.None)
                return true;
        }

        for (int i = _leaf - 1; i >= _base; i--)
        {
            if (CountGuided(i).Waiting > 0)
                return true;
        }

        return false;
    }

    // The branches at a guided state but the one that is being explored.
    private (int Done, int Waiting) CountGuided(int i)
    {
        WakeupTree tree = Branches;
        lock (tree.Gate)
        {
            int done = 0;
            int waiting = -1;
            for (int child = tree[_nodes[i].Guided].FirstChild; child != WakeupTree.None; child = tree[child].NextSibling)
            {
                if (tree[child].IsClosed)
                    done++;
                else
                    waiting++;
            }

            return (done, waiting);
        }
    }

    // As Next, for guided states. Whatever others have put to the left in the meantime is taken first.
    private bool NextGuided()
    {
        WakeupTree tree = Branches;
        lock (tree.Gate)
        {
            while (_trace.Count > _base)
            {
                int i = _trace.Count - 1;
                _trace.Pop();
                Release(i + 1);
                _races.ForgetFrom(i);
                int taken = _nodes[i + 1].Guided;
                if (tree.FirstOpen(tree[taken].FirstChild) == WakeupTree.None)
                    tree.Close(taken, _nodes[i].Forgets);
                if (tree.FirstOpen(tree[_nodes[i].Guided].FirstChild) == WakeupTree.None)
                    continue;
                DescendGuided(i);
                return true;
            }

            return false;
        }
    }

    // Goes on from a guided state to the first leaf that has not been explored.
    private void DescendGuided(int i)
    {
        WakeupTree tree = Branches;
        while (tree[_nodes[i].Guided].FirstChild != WakeupTree.None)
        {
            ref Node node = ref _nodes[i];
            int first = tree[node.Guided].FirstChild;
            int taken = tree.FirstOpen(first);
            ForgetElders(ref node);
            for (int elder = first; elder != taken; elder = tree[elder].NextSibling)
                PutToSleep(ref node, tree[elder].Access);

            // All elder branches are closed now, and only what is left of here could open them again.
            bool isFirst = i == _base ? Task.IsFirst || Task.IsOpaque : _nodes[i - 1].Forgets || tree[node.Guided].IsOpaque;
            node.Forgets = isFirst;
            i = _trace.Append(tree[taken].Access) + 1;
            Enter(i - 1);
            _nodes[i].Guided = taken;
        }

        _leaf = i;
    }

    // Another branch is to be taken from here, and others are left of that one.
    private void ForgetElders(ref Node node)
    {
        node.SleepEnd = node.Explored;
        node.Asleep = 0;
        for (int s = node.SleepStart; s < node.SleepEnd; s++)
            node.Asleep |= 1u << _sleep[s].Thread;
    }

    // Puts what is private into the task's tree: the way to the next execution, and all branches beside it.
    private void Fold()
    {
        if (Task.Branches is null)
        {
            Task.Branches = new WakeupTree(0);
            Task.Top = Task.Branches.New(default);
            _nodes[_base].Guided = Task.Top;
        }

        WakeupTree tree = Branches;
        lock (tree.Gate)
        {
            // The leaf stays opaque to who comes from outside; below it there is nobody yet who could ask for anything.
            int leaf = _nodes[_leaf].Guided;
            int parent = leaf;
            for (; _leaf < _trace.Count; _leaf++)
            {
                ref Node node = ref _nodes[_leaf];
                int children = WakeupTree.None;
                for (int s = node.Explored; s < node.SleepEnd; s++)
                {
                    int elder = tree.New(_sleep[s]);
                    tree.Close(elder, forgets: true);
                    tree.AddLast(ref children, elder);
                }

                int taken = tree.New(_trace.Events[_leaf].Access);
                tree.AddLast(ref children, taken);
                for (int branch = node.Pending; branch != WakeupTree.None;)
                {
                    int next = _tree[branch].NextSibling;
                    tree.AddLast(ref children, _tree.MoveTo(tree, branch));
                    branch = next;
                }

                node.Pending = WakeupTree.None;
                tree[parent].FirstChild = children;
                _nodes[_leaf + 1].Guided = taken;

                tree[parent].IsOpaque = parent == leaf;
                parent = taken;
            }
        }
    }

    private void InsertGuided(int at, ref RaceFinder.Race race)
    {
        WakeupTree tree = Branches;
        lock (tree.Gate)
        {
            int taken = _nodes[at + 1].Guided;
            int parent = Seek(tree, tree[taken].NextSibling, atTop: true, ref race);
            if (parent == Covered)
                return;
            int chain = Chain(tree, from: 0);
            if (parent == WakeupTree.None)
                tree.AddBehind(taken, chain);
            else
                PutUnder(tree, parent, chain);
        }
    }

    // The same above the task. Branches left of this task's own are in its sleep sets.
    private void InsertAbove(int at, ref RaceFinder.Race race)
    {
        lock (_frontier.Gate)
        {
            Frontier.Node parent = _path[at];
            Frontier.Node? first = _path[at + 1].NextSibling;
            bool atTop = true;
            while (true)
            {
                Frontier.Node? match = first;
                for (; match is not null; match = match.NextSibling)
                {
                    if (!CanBegin(match.Step, out int position) || IsOtherChoice(match.Step, position))
                        continue;
                    if (position >= 0)
                    {
                        if (atTop && match.IsOpaque)
                            race.Settled = Settles(race, position);
                        Remove(position, match.Step.Thread);
                    }

                    break;
                }

                if (match is null)
                    break;
                if (match.IsOpaque || _length == 0)
                    return;
                atTop = false;
                if (match.Branches is not null)
                {
                    InsertInto(match, ref race);
                    return;
                }

                parent = match;
                first = match.FirstChild;
            }

            if (atTop)
                race.Settled = _length == 1 && Settles(race, 0);
            Frontier.Node task = parent.AddChild(AccessAt(0));
            task.IsOpaque = _length == 1;
            if (!task.IsOpaque)
            {
                task.Branches = new WakeupTree(_length);
                task.Top = task.Branches.New(AccessAt(0), Chain(task.Branches, from: 1));
            }

            _frontier.Queue(task);
        }
    }

    // Whoever has the task comes to it; if nobody has, it waits again.
    private void InsertInto(Frontier.Node task, ref RaceFinder.Race race)
    {
        WakeupTree tree = task.Branches!;
        lock (tree.Gate)
        {
            int parent = Seek(tree, tree[task.Top].FirstChild, atTop: false, ref race);
            if (parent == Covered)
                return;
            PutUnder(tree, parent == WakeupTree.None ? task.Top : parent, Chain(tree, from: 0));
        }

        if (task.IsClosed)
            _frontier.Queue(task);
    }

    private void PutUnder(WakeupTree tree, int parent, int chain)
    {
        tree.AddLast(ref tree[parent].FirstChild, chain);
        tree.Reopen(parent);
        foreach (int walked in _walked)
            tree.Reopen(walked);
    }
}
