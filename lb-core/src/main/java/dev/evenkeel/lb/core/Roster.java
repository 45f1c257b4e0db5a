package dev.evenkeel.lb.core;

import dev.evenkeel.lb.Backend;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a whole list changes in the pool. Of a long list that differs in one place from the last one, only that place is looked
 * at: what stands before and behind it are the same objects, and each look-up among 10,000 costs a miss of the cache or more.
 *
 * <p>Guarded by the writer's lock.
 */
final class Roster {
    private final Directory nodes;
    /** The last whole list. */
    private List<Backend> last = List.of();
    /** Whether the pool is as that list left it. */
    private boolean holds;

    Roster(Directory nodes) {
        this.nodes = nodes;
    }

    /**
     * What is to be done.
     *
     * @param leaving who is not in the list
     * @param backends who is in it and may be new, or another
     * @param present the node of each of these; null if it is to join
     */
    record Difference(Collection<BackendNode> leaving, List<Backend> backends, List<@Nullable BackendNode> present) {}

    /** A backend has come, gone or changed. */
    void disturb() {
        holds = false;
    }

    /** The pool is now as this list wants it. */
    void settle(List<Backend> list) {
        last = list;
        holds = true;
    }

    /**
     * Compares a list with what is there. Changes nothing.
     *
     * @return null if an id is in the list twice
     */
    @Nullable
    Difference compare(List<Backend> wanted) {
        int shorter = Math.min(last.size(), wanted.size());
        int head = 0;
        while (holds && head < shorter && isSame(head, wanted, head)) {
            head++;
        }
        int tail = 0;
        while (holds && tail < shorter - head && isSame(last.size() - 1 - tail, wanted, wanted.size() - 1 - tail)) {
            tail++;
        }
        List<Backend> before = last.subList(head, last.size() - tail);
        List<Backend> after = wanted.subList(head, wanted.size() - tail);
        return holds && before.size() + after.size() < wanted.size() ? part(before, after) : whole(wanted);
    }

    @SuppressWarnings("ReferenceEquality") // Whoever is only equal is looked up like a stranger.
    private boolean isSame(int index, List<Backend> wanted, int there) {
        return last.get(index) == wanted.get(there);
    }

    private @Nullable Difference part(List<Backend> before, List<Backend> after) {
        Map<String, BackendNode> former = new LinkedHashMap<>();
        for (Backend backend : before) {
            BackendNode node = nodes.get(backend.id());
            if (node != null) {
                former.put(backend.id(), node);
            }
        }
        List<@Nullable BackendNode> present = new ArrayList<>(after.size());
        Set<String> joining = new HashSet<>();
        for (Backend backend : after) {
            BackendNode node = former.remove(backend.id());
            // Who is there, but not in this part, is in the rest of the list.
            if (node == null && (known(backend) != null || !joining.add(backend.id()))) {
                return null;
            }
            present.add(node);
        }
        return new Difference(former.values(), after, present);
    }

    private @Nullable Difference whole(List<Backend> wanted) {
        for (BackendNode node : nodes.values()) {
            node.listed = false;
        }
        List<@Nullable BackendNode> present = new ArrayList<>(wanted.size());
        Set<String> joining = new HashSet<>();
        for (Backend backend : wanted) {
            BackendNode node = known(backend);
            boolean first = node == null ? joining.add(backend.id()) : !node.listed;
            if (!first) {
                return null;
            }
            if (node != null) {
                node.listed = true;
            }
            present.add(node);
        }
        List<BackendNode> leaving = new ArrayList<>();
        for (BackendNode node : nodes.values()) {
            if (!node.removed && !node.listed) {
                leaving.add(node);
            }
        }
        return new Difference(leaving, wanted, present);
    }

    /** By id. Of two with the same id it is said which they are. */
    static Map<String, Backend> distinct(String pool, Collection<Backend> backends) {
        Map<String, Backend> byId = new LinkedHashMap<>();
        for (Backend backend : backends) {
            Backend other = byId.put(backend.id(), backend);
            if (other != null) {
                throw new IllegalArgumentException("duplicate backend id \"" + backend.id() + "\" in pool \"" + pool
                        + "\": " + other.uri() + " and " + backend.uri() + "; give one of them an id of its own");
            }
        }
        return byId;
    }

    private @Nullable BackendNode known(Backend backend) {
        BackendNode node = nodes.get(backend.id());
        return node == null || node.removed ? null : node;
    }
}
