using RcuModel.Exploration.Engine;
using RcuModel.Exploration.Reduction;
using RcuModel.Primitives;

namespace RcuModel.Exploration.Checkpoints;

/// <summary>Writes the parts of an exploration's state and reads them again. What is read is checked, not trusted.</summary>
internal static class StateCodec
{
    // Places of one await, labels, steps of a violation: far more than there can be.
    private const int ListMax = 1 << 20;

    public static void Write(BinaryWriter writer, in Access step)
    {
        writer.Write(step.Place);
        writer.Write(step.First);
        writer.Write(step.Last);
        writer.Write(step.Thread);
        writer.Write((byte)step.Kind);
        writer.Write((byte)step.Mode);
        writer.Write(step.Writes);
        writer.Write(step.Choice);
        writer.Write(step.Alternatives);
        writer.Write(step.Parent);
        writer.Write(step.SpawnedAfter);
        writer.Write(step.Joined);
        writer.Write(step.Source);
        writer.Write(step.Footprint?.Length ?? -1);
        foreach (int place in step.Footprint ?? [])
            writer.Write(place);
    }

    public static Access ReadAccess(BinaryReader reader)
    {
        var step = new Access
        {
            Place = Place(reader),
            First = reader.ReadUInt64(),
            Last = reader.ReadUInt64(),
            Thread = Thread(reader),
            Kind = (OperationKind)reader.ReadByte(),
            Mode = (LockMode)reader.ReadByte(),
            Writes = reader.ReadBoolean(),
            Choice = reader.ReadUInt16(),
            Alternatives = reader.ReadUInt16(),
            Parent = Thread(reader),
            SpawnedAfter = reader.ReadUInt16(),
            Joined = reader.ReadUInt32(),
            Source = reader.ReadUInt16(),
        };
        int cells = reader.ReadInt32();
        if (cells >= 0)
        {
            step.Footprint = new int[Checkpoint.CheckedCount(cells, ListMax)];
            for (int c = 0; c < cells; c++)
                step.Footprint[c] = Place(reader);
        }

        return Enum.IsDefined(step.Kind) ? step : throw Damaged();
    }

    public static void Write(BinaryWriter writer, EngineCounters counters)
    {
        writer.Write(counters.Executions);
        writer.Write(counters.Blocked);
        writer.Write(counters.Redundant);
        writer.Write(counters.Cut);
        writer.Write(counters.Steps);
        writer.Write(counters.Switches);
        writer.Write(counters.DeepestTrace);
        writer.Write(counters.Classes.Count);
        foreach (ulong known in counters.Classes)
            writer.Write(known);
    }

    public static void Read(BinaryReader reader, EngineCounters counters)
    {
        counters.Executions = reader.ReadInt64();
        counters.Blocked = reader.ReadInt64();
        counters.Redundant = reader.ReadInt64();
        counters.Cut = reader.ReadInt64();
        counters.Steps = reader.ReadInt64();
        counters.Switches = reader.ReadInt64();
        counters.DeepestTrace = reader.ReadInt32();
        for (int left = Checkpoint.CheckedCount(reader.ReadInt32(), EngineCounters.ClassesMax); left > 0; left--)
            counters.Classes.Add(reader.ReadUInt64());
    }

    public static void Write(BinaryWriter writer, IReadOnlyCollection<string> labels)
    {
        writer.Write(labels.Count);
        foreach (string label in labels)
            writer.Write(label);
    }

    public static void Read(BinaryReader reader, ISet<string> labels)
    {
        for (int left = Checkpoint.CheckedCount(reader.ReadInt32(), ListMax); left > 0; left--)
            labels.Add(reader.ReadString());
    }

    public static void Write(BinaryWriter writer, Violation? violation)
    {
        writer.Write(violation is not null);
        if (violation is null)
            return;
        writer.Write((byte)violation.Kind);
        writer.Write(violation.Rule);
        writer.Write(violation.Thread);
        writer.Write(violation.Execution);
        writer.Write(violation.LastThread);
        writer.Write(violation.Schedule.Length);
        writer.Write(violation.Schedule);
        writer.Write(violation.Choices.Length);
        foreach (ushort choice in violation.Choices)
            writer.Write(choice);
    }

    public static Violation? ReadViolation(BinaryReader reader)
    {
        if (!reader.ReadBoolean())
            return null;
        var kind = (ViolationKind)reader.ReadByte();
        string rule = reader.ReadString();
        string thread = reader.ReadString();
        long execution = reader.ReadInt64();
        int last = reader.ReadInt32();
        byte[] schedule = reader.ReadBytes(Checkpoint.CheckedCount(reader.ReadInt32(), ListMax));
        var choices = new ushort[Checkpoint.CheckedCount(reader.ReadInt32(), ListMax)];
        for (int c = 0; c < choices.Length; c++)
            choices[c] = reader.ReadUInt16();
        return Enum.IsDefined(kind)
            ? new Violation(kind, rule, thread, schedule, choices) { Execution = execution, LastThread = last }
            : throw Damaged();
    }

    /// <summary>
    /// The tree with the branches of its tasks, parents before children, each node with its depth. Under the frontier's gate, when all
    /// tasks have been given back.
    /// </summary>
    public static void Write(BinaryWriter writer, Frontier frontier)
    {
        for (Frontier.Node? node = frontier.Root; node is not null; node = Frontier.After(node))
        {
            Write(writer, node.Depth, node.IsOpaque, node.IsClosed, node.Step);
            foreach (Access gone in node.Gone)
                Write(writer, node.Depth + 1, isOpaque: true, isClosed: true, gone);
            if (node.Branches is { } branches)
                Write(writer, branches, node.Top, node.Depth);
        }

        writer.Write(-1);
    }

    private static void Write(BinaryWriter writer, WakeupTree tree, int top, int depth)
    {
        var left = new Stack<(int Node, int Depth)>();
        left.Push((tree[top].FirstChild, depth + 1));
        while (left.TryPop(out (int Node, int Depth) next))
        {
            if (next.Node == WakeupTree.None)
                continue;
            ref WakeupTree.Node node = ref tree[next.Node];
            Write(writer, next.Depth, node.IsOpaque, node.IsClosed, node.Access);
            left.Push((node.NextSibling, next.Depth));
            left.Push((node.FirstChild, next.Depth + 1));
        }
    }

    private static void Write(BinaryWriter writer, int depth, bool isOpaque, bool isClosed, in Access step)
    {
        writer.Write(depth);
        writer.Write(isOpaque);
        writer.Write(isClosed);
        if (depth > 0)
            Write(writer, step);
    }

    /// <summary>Reads the tree into a new frontier: all that is left is one task.</summary>
    public static void Read(BinaryReader reader, Frontier frontier)
    {
        var tree = new WakeupTree(0);

        // The node at each depth, and the last of its children so far.
        var path = new List<(int Node, int LastChild)>();
        var closed = new List<bool>();
        for (int depth = reader.ReadInt32(); depth >= 0; depth = reader.ReadInt32())
        {
            if (depth > path.Count || (depth == 0) != (path.Count == 0))
                throw Damaged();
            bool isOpaque = reader.ReadBoolean();
            closed.Add(reader.ReadBoolean());
            int node = tree.New(depth == 0 ? default : ReadAccess(reader));
            tree[node].IsOpaque = isOpaque;
            path.RemoveRange(depth, path.Count - depth);
            if (depth > 0)
            {
                (int parent, int elder) = path[^1];
                if (elder == WakeupTree.None)
                    tree[parent].FirstChild = node;
                else
                    tree[elder].NextSibling = node;
                path[^1] = (parent, node);
            }

            path.Add((node, WakeupTree.None));
        }

        if (path.Count == 0)
            throw Damaged();

        // Children come after their parents.
        for (int node = closed.Count - 1; node > 0; node--)
        {
            int children = tree[node].FirstChild;
            tree[node].IsOpaque |= children == WakeupTree.None;
            if (children == WakeupTree.None ? closed[node] : tree.FirstOpen(children) == WakeupTree.None)
                tree.Close(node, forgets: false);
        }

        int branches = tree[0].FirstChild;
        frontier.Root.IsClosed = branches == WakeupTree.None ? closed[0] : tree.FirstOpen(branches) == WakeupTree.None;
        if (branches != WakeupTree.None)
            frontier.Root.Branches = tree;
        frontier.Begin();
    }

    public static void Write(BinaryWriter writer, RoleNumbers numbers)
    {
        (int Parent, int Ordinal, int Number)[] known = numbers.Known();
        writer.Write(known.Length);
        foreach ((int parent, int ordinal, int number) in known)
        {
            writer.Write((byte)parent);
            writer.Write(ordinal);
            writer.Write((byte)number);
        }
    }

    public static void Read(BinaryReader reader, RoleNumbers numbers)
    {
        var known = new (int Parent, int Ordinal, int Number)[Checkpoint.CheckedCount(reader.ReadInt32(), Clock.Lanes)];
        for (int k = 0; k < known.Length; k++)
            known[k] = (Thread(reader), reader.ReadInt32(), Thread(reader));
        numbers.Restore(known);
    }

    public static InvalidDataException Damaged() => new("it is damaged");

    private static byte Thread(BinaryReader reader)
    {
        byte thread = reader.ReadByte();
        return thread < Clock.Lanes ? thread : throw Damaged();
    }

    private static int Place(BinaryReader reader)
    {
        int place = reader.ReadInt32();
        return (uint)place >> (Places.OrdinalBits + Places.ThreadBits) == 0 ? place : throw Damaged();
    }
}
