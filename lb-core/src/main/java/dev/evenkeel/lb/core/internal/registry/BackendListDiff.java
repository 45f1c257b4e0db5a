package dev.evenkeel.lb.core.internal.registry;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.backend.BackendTable;
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
public final class BackendListDiff {
    private final BackendTable nodes;
    /** The last whole list. */
    private List<Backend> last = List.of();
    /** Whether the pool is as that list left it. */
    private boolean holds;

    BackendListDiff(BackendTable nodes) {
        this.nodes = nodes;
    }

    /**
     * What is to be done.
     *
     * @param leaving who is not in the list
     * @param backends who is in it and may be new, or another
     * @param present the node of each of these; null if it is to join
     */
    record Difference(Collection<BackendState> leaving, List<Backend> backends, List<@Nullable BackendState> present) {}

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
        Map<String, BackendState> former = new LinkedHashMap<>();
        for (Backend backend : before) {
            BackendState node = nodes.get(backend.id());
            if (node != null) {
                former.put(backend.id(), node);
            }
        }
        List<@Nullable BackendState> present = new ArrayList<>(after.size());
        Set<String> joining = new HashSet<>();
        for (Backend backend : after) {
            BackendState node = former.remove(backend.id());
            // Who is there, but not in this part, is in the rest of the list.
            if (node == null && (known(backend) != null || !joining.add(backend.id()))) {
                return null;
            }
            present.add(node);
        }
        return new Difference(former.values(), after, present);
    }

    private @Nullable Difference whole(List<Backend> wanted) {
        for (BackendState node : nodes.values()) {
            node.listed = false;
        }
        List<@Nullable BackendState> present = new ArrayList<>(wanted.size());
        Set<String> joining = new HashSet<>();
        for (Backend backend : wanted) {
            BackendState node = known(backend);
            boolean first = node == null ? joining.add(backend.id()) : !node.listed;
            if (!first) {
                return null;
            }
            if (node != null) {
                node.listed = true;
            }
            present.add(node);
        }
        List<BackendState> leaving = new ArrayList<>();
        for (BackendState node : nodes.values()) {
            if (!node.removed && !node.listed) {
                leaving.add(node);
            }
        }
        return new Difference(leaving, wanted, present);
    }

    /** By id. Of two with the same id it is said which they are. */
    public static Map<String, Backend> distinct(String pool, Collection<Backend> backends) {
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

    private @Nullable BackendState known(Backend backend) {
        BackendState node = nodes.get(backend.id());
        return node == null || node.removed ? null : node;
    }
}
