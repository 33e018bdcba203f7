namespace RcuModel.Scripts.Tests;

/// <summary>What Linux 6.18 printed for some scripts: text to read back, to reproduce and to draw.</summary>
internal static class KernelDumps
{
    public const string Example = """
        mm p0
          vma 16-20 rw- pgoff 16 anon a0 chain a0
          vma 22-32 rw- pgoff 22 anon a0 chain a0
        mm p1
          vma 24-32 rw- pgoff 24 anon a1 chain a1 a0
          vma 64-72 rw- pgoff 16 anon a1 chain a1 a0
        mm p2
          vma 16-32 rw- pgoff 16 anon a2 chain a2 a1 a0
        anon a0 root a0 parent a0 children 2 vmas 2
        anon a1 root a0 parent a0 children 1 vmas 2
        anon a2 root a0 parent a1 children 0 vmas 1
        page p0:17 zero
        page p0:18 frame p0:18 mapcount 3 anon a0 index 18
        page p1:65 zero
        page p1:66 frame p0:18 mapcount 3 anon a0 index 18
        page p1:67 frame p1:67 mapcount 2 anon a1 index 19
        page p2:17 zero
        page p2:18 frame p0:18 mapcount 3 anon a0 index 18
        page p2:19 frame p1:67 mapcount 2 anon a1 index 19
        page p2:20 frame p2:20 mapcount 1 anon a2 index 20 exclusive

        """;

    public const string ExampleAfterExit = """
        mm p0
          vma 16-20 rw- pgoff 16 anon a0 chain a0
          vma 22-32 rw- pgoff 22 anon a0 chain a0
        mm p2
          vma 16-32 rw- pgoff 16 anon a1 chain a1 a2 a0
        anon a0 root a0 parent a0 children 2 vmas 2
        anon a1 root a0 parent a2 children 0 vmas 1
        anon a2 root a0 parent a0 children 1 vmas 0
        page p0:17 zero
        page p0:18 frame p0:18 mapcount 2 anon a0 index 18
        page p2:17 zero
        page p2:18 frame p0:18 mapcount 2 anon a0 index 18
        page p2:19 frame p2:19 mapcount 1 anon a2 index 19
        page p2:20 frame p2:20 mapcount 1 anon a1 index 20 exclusive

        """;

    public const string Swap = """
        mm p0
          vma 16-32 rw- pgoff 16 anon a0 chain a0
        mm p1
          vma 16-32 rw- pgoff 16 anon a1 chain a1 a0
        anon a0 root a0 parent a0 children 2 vmas 1
        anon a1 root a0 parent a0 children 0 vmas 1
        page p0:16-18 frame p0:16 mapcount 2 anon a0 index 16
        page p0:18-20 frame p0:18 mapcount 1 anon a0 index 18
        page p0:20-24 frame p0:20 mapcount 2 anon a0 index 20
        page p0:24-26 zero
        page p1:16-18 frame p0:16 mapcount 2 anon a0 index 16
        page p1:18-20 swapped
        page p1:20-24 frame p0:20 mapcount 2 anon a0 index 20
        page p1:24-26 zero

        """;

    public const string SwapAfterExit = """
        mm p1
          vma 16-20 rw- pgoff 16 anon a0 chain a0 a1
          vma 20-24 --- pgoff 20 anon a0 chain a0 a1
          vma 24-32 rw- pgoff 24 anon a0 chain a0 a1
          vma 40-44 --x pgoff 40 anon none chain
          vma 44-48 -w- pgoff 44 anon none chain
          vma 48-52 rw- pgoff 48 anon none chain
        anon a0 root a1 parent a1 children 0 vmas 3
        anon a1 root a1 parent a1 children 2 vmas 0
        page p1:16-18 frame p1:16 mapcount 1 anon a1 index 16
        page p1:18-20 swapped
        page p1:20-24 frame p1:20 mapcount 1 anon a1 index 20
        page p1:24-26 zero

        """;

    public const string SwapAtEnd = """
        mm p1
          vma 40-44 --x pgoff 40 anon none chain
          vma 44-48 -w- pgoff 44 anon none chain
          vma 48-52 rw- pgoff 48 anon none chain

        """;

    public const string Deep = """
        mm p3
          vma 16-32 rw- pgoff 16 anon a0 chain a1 a0 a2
        mm p4
          vma 16-32 rw- pgoff 16 anon a3 chain a3 a1 a0 a2
        anon a0 root a2 parent a2 children 2 vmas 1
        anon a1 root a2 parent a0 children 0 vmas 0
        anon a2 root a2 parent a2 children 2 vmas 0
        anon a3 root a2 parent a0 children 0 vmas 1
        page p3:16 frame p3:16 mapcount 1 anon a0 index 16 exclusive
        page p3:17-24 frame p3:17 mapcount 2 anon a2 index 17
        page p4:16 frame p4:16 mapcount 1 anon a3 index 16 exclusive
        page p4:17-24 frame p3:17 mapcount 2 anon a2 index 17

        """;

    public const string DeepAfterExit = """
        mm p4
          vma 16-32 rw- pgoff 16 anon a0 chain a0 a1 a2 a3
        mm p5
          vma 16-20 rw- pgoff 16 anon a1 chain a1 a2 a3
        anon a0 root a3 parent a2 children 0 vmas 1
        anon a1 root a3 parent a2 children 0 vmas 1
        anon a2 root a3 parent a3 children 2 vmas 0
        anon a3 root a3 parent a3 children 2 vmas 0
        page p4:16 frame p4:16 mapcount 1 anon a0 index 16 exclusive
        page p4:17-20 frame p4:17 mapcount 2 anon a3 index 17
        page p4:20-24 frame p4:20 mapcount 1 anon a3 index 20
        page p5:16 frame p5:16 mapcount 1 anon a1 index 16 exclusive
        page p5:17-20 frame p4:17 mapcount 2 anon a3 index 17

        """;

    public const string Large = """
        mm p0
          vma 16-20 rw- pgoff 16 anon a0 chain a0
          vma 21-32 rw- pgoff 21 anon a0 chain a0
          vma 100-108 r-- pgoff 100 anon none chain
        mm p1
          vma 24-32 rw- pgoff 24 anon a1 chain a1 a0
          vma 64-72 rw- pgoff 16 anon a1 chain a1 a0
          vma 100-108 r-- pgoff 100 anon none chain
        mm p2
          vma 16-32 rw- pgoff 16 anon a2 chain a2 a0
          vma 100-108 r-- pgoff 100 anon none chain
          vma 200-208 rw- pgoff 200 anon a3 chain a3
        mm p4
          vma 16-32 rw- pgoff 16 anon a4 chain a4 a5 a1 a0
          vma 100-108 r-- pgoff 100 anon none chain
        mm p5
          vma 16-32 rw- pgoff 16 anon a6 chain a6 a2 a0
          vma 100-108 r-- pgoff 100 anon none chain
          vma 200-208 rw- pgoff 200 anon a7 chain a7 a3
        mm p6
          vma 16-32 rw- pgoff 16 anon a5 chain a4 a5 a1 a0
          vma 100-108 r-- pgoff 100 anon none chain
        anon a0 root a0 parent a0 children 3 vmas 2
        anon a1 root a0 parent a0 children 1 vmas 2
        anon a2 root a0 parent a0 children 1 vmas 1
        anon a3 root a3 parent a3 children 2 vmas 1
        anon a4 root a0 parent a5 children 0 vmas 1
        anon a5 root a0 parent a1 children 1 vmas 1
        anon a6 root a0 parent a2 children 0 vmas 1
        anon a7 root a3 parent a3 children 0 vmas 1
        page p0:16 frame p0:16 mapcount 4 anon a0 index 16
        page p0:17-19 frame p0:17 mapcount 2 anon a0 index 17
        page p0:19 frame p0:19 mapcount 3 anon a0 index 19
        page p0:21 frame p0:21 mapcount 5 anon a0 index 21
        page p0:30-32 zero
        page p1:30-32 zero
        page p1:64 frame p0:16 mapcount 4 anon a0 index 16
        page p1:65 frame p1:65 mapcount 3 anon a1 index 17
        page p1:66 frame p1:66 mapcount 1 anon a1 index 18
        page p1:67 frame p0:19 mapcount 3 anon a0 index 19
        page p1:68 frame p1:68 mapcount 5 anon a0 index 20
        page p1:69 frame p0:21 mapcount 5 anon a0 index 21
        page p2:16 frame p0:16 mapcount 4 anon a0 index 16
        page p2:17-19 frame p0:17 mapcount 2 anon a0 index 17
        page p2:19 frame p0:19 mapcount 3 anon a0 index 19
        page p2:20 frame p1:68 mapcount 5 anon a0 index 20
        page p2:21 frame p0:21 mapcount 5 anon a0 index 21
        page p2:30-32 zero
        page p2:200-202 frame p2:200 mapcount 2 anon a3 index 200
        page p2:202 swapped
        page p2:203 frame p2:203 mapcount 2 anon a3 index 203
        page p4:16 frame p4:16 mapcount 2 anon a4 index 16
        page p4:17 frame p1:65 mapcount 3 anon a1 index 17
        page p4:18-20 frame p4:18 mapcount 2 anon a5 index 18
        page p4:20 frame p1:68 mapcount 5 anon a0 index 20
        page p4:21 frame p0:21 mapcount 5 anon a0 index 21
        page p4:30-32 zero
        page p5:16 frame p0:16 mapcount 4 anon a0 index 16
        page p5:17-20 frame p5:17 mapcount 1 anon a6 index 17 exclusive
        page p5:20 frame p1:68 mapcount 5 anon a0 index 20
        page p5:21 frame p0:21 mapcount 5 anon a0 index 21
        page p5:30-32 zero
        page p5:200-202 frame p2:200 mapcount 2 anon a3 index 200
        page p5:202 swapped
        page p5:203 frame p2:203 mapcount 2 anon a3 index 203
        page p6:16 frame p4:16 mapcount 2 anon a4 index 16
        page p6:17 frame p1:65 mapcount 3 anon a1 index 17
        page p6:18-20 frame p4:18 mapcount 2 anon a5 index 18
        page p6:20 frame p1:68 mapcount 5 anon a0 index 20
        page p6:21 frame p6:21 mapcount 1 anon a5 index 21 exclusive
        page p6:30-32 zero

        """;

    public const string Huge = """
        mm p0
          vma 512-1024 rw- pgoff 512 anon a0 chain a0
        mm p1
          vma 512-1024 rw- pgoff 512 anon a1 chain a1 a0
        anon a0 root a0 parent a0 children 2 vmas 1
        anon a1 root a0 parent a0 children 0 vmas 1
        page p0:512-600 frame p0:512 mapcount 2 anon a0 index 512 folio f0 at 0 pmd
        page p0:600 frame p0:600 mapcount 1 anon a0 index 600 folio f0 at 88 pmd
        page p0:601-1024 frame p0:601 mapcount 2 anon a0 index 601 folio f0 at 89 pmd
        page p1:512-600 frame p0:512 mapcount 2 anon a0 index 512 folio f0 at 0
        page p1:600 frame p1:600 mapcount 1 anon a1 index 600 exclusive
        page p1:601-1024 frame p0:601 mapcount 2 anon a0 index 601 folio f0 at 89
        folio f0 order 9 mapcount 512 entire 1 pages 511 mm p0 1 mm p1 511 shared

        """;

    public static TheoryData<string> All => [Huge, Example, ExampleAfterExit, Swap, SwapAfterExit, SwapAtEnd, Deep, DeepAfterExit, Large];
}
