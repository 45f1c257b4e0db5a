package dev.evenkeel.lb.okhttp.route;

/** Merges a few ascending lists of route positions lazily. */
final class PositionMerger {
    /** The lists of the named host, the wildcard and every host; each by path and by expression. */
    private static final int MAX = 6;

    private final int[][] lists = new int[MAX][];
    private final int[] heads = new int[MAX];
    private int count;

    void add(int[] positions) {
        if (positions.length > 0) {
            lists[count++] = positions;
        }
    }

    /** The next position, or -1 if there is none. */
    int next() {
        int least = Integer.MAX_VALUE;
        for (int i = 0; i < count; i++) {
            if (heads[i] < lists[i].length) {
                least = Math.min(least, lists[i][heads[i]]);
            }
        }
        if (least == Integer.MAX_VALUE) {
            return -1;
        }
        for (int i = 0; i < count; i++) {
            if (heads[i] < lists[i].length && lists[i][heads[i]] == least) {
                heads[i]++;
            }
        }
        return least;
    }
}
