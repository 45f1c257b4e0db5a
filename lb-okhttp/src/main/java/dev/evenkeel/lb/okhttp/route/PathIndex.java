package dev.evenkeel.lb.okhttp.route;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Routes by path: a trie of segments, each of whose nodes holds, in order, every route that a path which leads there
 * may take. Regular expressions and routes for every path are kept apart.
 */
final class PathIndex {
    private final Node root;
    private final int[] everywhere;

    private PathIndex(Node root, int[] everywhere) {
        this.root = root;
        this.everywhere = everywhere;
    }

    /** Adds the routes that a path in normal form may take. */
    void find(String path, PositionMerger found) {
        found.add(everywhere);
        Node node = root;
        int start = 1;
        while (node.children != null) {
            int end = path.indexOf('/', start);
            Node child = node.children.get(end < 0 ? path.substring(start) : path.substring(start, end));
            if (child == null) {
                break;
            }
            node = child;
            if (end < 0) {
                found.add(node.ending);
                return;
            }
            start = end + 1;
        }
        found.add(node.passing);
    }

    /** A segment. */
    private static final class Node {
        final @Nullable Map<String, Node> children;
        final int[] ending;
        final int[] passing;

        Node(@Nullable Map<String, Node> children, int[] ending, int[] passing) {
            this.children = children;
            this.ending = ending;
            this.passing = passing;
        }
    }

    /** Collects routes. */
    static final class Builder {
        private final Growing root = new Growing();
        private final Set<Integer> everywhere = new TreeSet<>();

        /** Adds a route, after all routes before it. */
        void add(int position, List<PathPattern> paths) {
            if (paths.isEmpty()) {
                everywhere.add(position);
            }
            for (PathPattern path : paths) {
                if (path instanceof PathPattern.Exact exact) {
                    root.at(exact.path()).ending.add(position);
                } else if (path instanceof PathPattern.Prefix prefix) {
                    addPrefix(position, prefix.path());
                } else {
                    everywhere.add(position);
                }
            }
        }

        private void addPrefix(int position, String path) {
            boolean beneathOnly = path.endsWith("/");
            Growing node = root.at(beneathOnly ? path.substring(0, path.length() - 1) : path);
            node.passing.add(position);
            if (!beneathOnly) {
                node.ending.add(position);
            }
        }

        PathIndex build() {
            return new PathIndex(root.build(new TreeSet<>()), array(everywhere));
        }
    }

    private static final class Growing {
        private final Map<String, Growing> children = new HashMap<>();
        /** Of paths that end with this segment. */
        private final Set<Integer> ending = new TreeSet<>();
        /** Of paths that go on after it. */
        private final Set<Integer> passing = new TreeSet<>();

        /** The node of a path; the root for the empty one. */
        Growing at(String path) {
            Growing node = this;
            if (!path.isEmpty()) {
                for (String segment : path.substring(1).split("/", -1)) {
                    node = node.children.computeIfAbsent(segment, s -> new Growing());
                }
            }
            return node;
        }

        /** The node with what it inherits: routes for prefixes of it. */
        Node build(Set<Integer> inherited) {
            Set<Integer> ends = new TreeSet<>(inherited);
            ends.addAll(ending);
            Set<Integer> passes = new TreeSet<>(inherited);
            passes.addAll(passing);
            Map<String, Node> built = new HashMap<>();
            children.forEach((segment, child) -> built.put(segment, child.build(passes)));
            return new Node(built.isEmpty() ? null : built, array(ends), array(passes));
        }
    }

    private static int[] array(Set<Integer> positions) {
        return positions.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Merges a few ascending lists of route positions lazily. */
    static final class PositionMerger {
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
}
