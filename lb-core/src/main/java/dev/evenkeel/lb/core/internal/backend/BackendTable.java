package dev.evenkeel.lb.core.internal.backend;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * All backends of a pool, including backends that are leaving: by id for any thread, in order of joining under the
 * writer's lock.
 *
 * <p>The index by id is a hash table with open addressing, since a backend has its id already: a map's entries would
 * take a fifth of a backend's memory. One thread writes at a time, and readers take no lock. A cleared slot keeps a
 * mark that readers skip, until the slot is reused or the table is rebuilt.
 */
public final class BackendTable {
    private static final VarHandle PLACE = MethodHandles.arrayElementVarHandle(Object[].class);
    /** Marks the slot of a removed backend. */
    private static final Object GONE = new Object();

    static final int MIN_SLOTS = 16;
    /** With more slots than this for each backend, the table is made smaller. Newly made it has 1.6 to 3.2. */
    static final int MAX_SLOTS_PER_BACKEND = 16;

    private volatile @Nullable Object[] byId = new @Nullable Object[MIN_SLOTS];

    // Guarded by the writer's lock.
    /** The number of slots in use, including marked ones. */
    int filled;

    private BackendState[] inOrder = new BackendState[8];
    private int size;
    private long nextNumber;
    /** Null after a backend has joined or left. */
    private @Nullable BackendList listed = BackendList.NONE;

    /** Finds a backend by its id. Takes no lock. */
    public @Nullable BackendState get(String id) {
        @Nullable Object[] table = byId;
        for (int place = place(id, table.length); ; place = after(place, table)) {
            Object found = PLACE.getAcquire(table, place);
            if (found == null) {
                return null;
            }
            if (found instanceof BackendState node && node.backend().id().equals(id)) {
                return node;
            }
        }
    }

    /** Where the search for an id begins. */
    static int place(String id, int slots) {
        int hash = id.hashCode() * 0x9E3779B9;
        return (hash >>> 16 ^ hash) & (slots - 1);
    }

    private static int after(int place, @Nullable Object[] table) {
        return (place + 1) & (table.length - 1);
    }

    // Under the lock.

    public int size() {
        return size;
    }

    int slots() {
        return byId.length;
    }

    /** All backends, as of now. */
    public BackendList values() {
        BackendList present = listed;
        if (present == null) {
            present = BackendList.of(Arrays.copyOf(inOrder, size));
            listed = present;
        }
        return present;
    }

    public void put(BackendState node) {
        node.number(nextNumber++);
        if (size == inOrder.length) {
            inOrder = Arrays.copyOf(inOrder, size + Math.max(8, size / 8));
        }
        inOrder[size++] = node;
        listed = null;
        if (3 * (filled + 1) > 2 * byId.length) {
            rehash();
        } else {
            insert(node, byId);
        }
    }

    public void remove(BackendState node) {
        int index = BackendList.find(inOrder, size, node);
        if (index >= 0) {
            size--;
            System.arraycopy(inOrder, index + 1, inOrder, index, size - index);
            Arrays.fill(inOrder, size, size + 1, null);
            listed = null;
        }
        @Nullable Object[] table = byId;
        int place = place(node.backend().id(), table.length);
        while (table[place] != null) {
            if (table[place] == node) {
                PLACE.setRelease(table, place, GONE);
                shrink();
                return;
            }
            place = after(place, table);
        }
    }

    /** Lets the room of backends go that have left, if it is most of the table. */
    private void shrink() {
        if (byId.length > MIN_SLOTS && byId.length > MAX_SLOTS_PER_BACKEND * size) {
            rehash();
            inOrder = Arrays.copyOf(inOrder, size + 8);
        }
    }

    /** Rebuilds the table without marks and with free slots. */
    private void rehash() {
        int least = size + size / 2 + size / 10;
        @Nullable Object[] table = new @Nullable Object[Math.max(MIN_SLOTS, 2 * Integer.highestOneBit(least - 1))];
        filled = 0;
        for (int i = 0; i < size; i++) {
            insert(inOrder[i], table);
        }
        byId = table;
    }

    /**
     * Inserts a backend. It reuses marked slots: otherwise a backend that joins and leaves repeatedly would fill the
     * slots around it with marks.
     */
    private void insert(BackendState node, @Nullable Object[] table) {
        int place = place(node.backend().id(), table.length);
        while (table[place] != null && table[place] != GONE) {
            place = after(place, table);
        }
        filled += table[place] == null ? 1 : 0;
        PLACE.setRelease(table, place, node);
    }
}
