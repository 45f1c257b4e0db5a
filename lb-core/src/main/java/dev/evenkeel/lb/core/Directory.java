package dev.evenkeel.lb.core;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Every backend of a pool, the leaving ones included: by id for whoever asks, in order under the writer's lock. */
final class Directory {
    private final Map<String, BackendNode> byId = new ConcurrentHashMap<>();

    // Guarded by the writer's lock.
    private BackendNode[] inOrder = new BackendNode[8];
    private int size;
    private long nextNumber;
    /** Null since a backend has come or gone. */
    private @Nullable Members listed = Members.NONE;

    /** The backend of an id. Takes no lock. */
    @Nullable
    BackendNode get(String id) {
        return byId.get(id);
    }

    // Under the lock.

    int size() {
        return size;
    }

    /** All of them, as of now. */
    Members values() {
        Members present = listed;
        if (present == null) {
            present = Members.of(Arrays.copyOf(inOrder, size));
            listed = present;
        }
        return present;
    }

    void put(BackendNode node) {
        node.number = nextNumber++;
        if (size == inOrder.length) {
            inOrder = Arrays.copyOf(inOrder, 2 * size);
        }
        inOrder[size++] = node;
        byId.put(node.backend.id(), node);
        listed = null;
    }

    void remove(BackendNode node) {
        int index = Members.find(inOrder, size, node);
        if (index >= 0) {
            size--;
            System.arraycopy(inOrder, index + 1, inOrder, index, size - index);
            Arrays.fill(inOrder, size, size + 1, null);
            listed = null;
        }
        byId.remove(node.backend.id());
    }
}
