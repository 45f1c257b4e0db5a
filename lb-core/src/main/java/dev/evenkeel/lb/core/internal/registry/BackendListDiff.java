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
 * Difference between the pool's backends and a complete list from discovery. If a long list differs in one place from
 * the previous list, only that place is compared: the backends before and behind it are the same objects, and each
 * look-up among 10,000 costs a cache miss or more.
 *
 * <p>Guarded by the writer's lock.
 */
public final class BackendListDiff {
    private final BackendTable nodes;
    /** The previous complete list. */
    private List<Backend> last = List.of();
    /** Whether the pool still matches that list. */
    private boolean holds;

    BackendListDiff(BackendTable nodes) {
        this.nodes = nodes;
    }

    /**
     * The changes to make.
     *
     * @param leaving backends that are not in the list
     * @param backends backends of the list that may be new or changed
     * @param present the state of each of these; null if it is to join
     */
    record Difference(Collection<BackendState> leaving, List<Backend> backends, List<@Nullable BackendState> present) {}

    /** Records that a backend joined, left or changed by another way than a list. */
    void disturb() {
        holds = false;
    }

    /** Records that the pool now matches this list. */
    void settle(List<Backend> list) {
        last = list;
        holds = true;
    }

    /**
     * Compares a list with the pool. Changes nothing.
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

    @SuppressWarnings("ReferenceEquality") // An equal but different object is looked up like a new one.
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
            // A known backend that is not in this part is in another part of the list.
            if (node == null && (known(backend) != null || !joining.add(backend.id()))) {
                return null;
            }
            present.add(node);
        }
        return new Difference(former.values(), after, present);
    }

    private @Nullable Difference whole(List<Backend> wanted) {
        for (BackendState node : nodes.values()) {
            node.listed(false);
        }
        List<@Nullable BackendState> present = new ArrayList<>(wanted.size());
        Set<String> joining = new HashSet<>();
        for (Backend backend : wanted) {
            BackendState node = known(backend);
            boolean first = node == null ? joining.add(backend.id()) : !node.isListed();
            if (!first) {
                return null;
            }
            if (node != null) {
                node.listed(true);
            }
            present.add(node);
        }
        List<BackendState> leaving = new ArrayList<>();
        for (BackendState node : nodes.values()) {
            if (!node.isRemoved() && !node.isListed()) {
                leaving.add(node);
            }
        }
        return new Difference(leaving, wanted, present);
    }

    /** Returns the backends by id. An exception for a duplicate id names both backends. */
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
        return node == null || node.isRemoved() ? null : node;
    }
}
