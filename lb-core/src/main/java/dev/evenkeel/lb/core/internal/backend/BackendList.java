package dev.evenkeel.lb.core.internal.backend;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.Collection;
import java.util.RandomAccess;

/**
 * Immutable list of backends in the order in which they joined the pool. It is copied as an array: to read each of
 * 10,000 backends costs a hundred times as much as to copy their references.
 */
public final class BackendList extends AbstractList<BackendState> implements RandomAccess {
    public static final BackendList NONE = new BackendList(new BackendState[0]);

    private final BackendState[] nodes;

    private BackendList(BackendState[] nodes) {
        this.nodes = nodes;
    }

    /** Wraps an array that is not written any more. */
    public static BackendList of(BackendState[] nodes) {
        return new BackendList(nodes);
    }

    public static BackendList copyOf(Collection<BackendState> nodes) {
        return nodes instanceof BackendList members ? members : new BackendList(nodes.toArray(BackendState[]::new));
    }

    @Override
    public BackendState get(int index) {
        return nodes[index];
    }

    @Override
    public int size() {
        return nodes.length;
    }

    @Override
    public Object[] toArray() {
        return Arrays.copyOf(nodes, nodes.length, Object[].class);
    }

    @Override
    @SuppressWarnings("unchecked") // what the contract asks for; a wrong type fails in the copy
    public <T> T[] toArray(T[] array) {
        if (array.length < nodes.length) {
            return (T[]) Arrays.copyOf(nodes, nodes.length, array.getClass());
        }
        System.arraycopy(nodes, 0, array, 0, nodes.length);
        if (array.length > nodes.length) {
            array[nodes.length] = null;
        }
        return array;
    }

    /** The index of a backend, or the insertion point as in {@link Arrays#binarySearch}. */
    public int find(BackendState wanted) {
        return find(nodes, nodes.length, wanted);
    }

    /** As {@link #find(BackendState)}, in the first {@code size} elements of an array. */
    static int find(BackendState[] nodes, int size, BackendState wanted) {
        int low = 0;
        int high = size - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            long number = nodes[middle].number();
            if (number < wanted.number()) {
                low = middle + 1;
            } else if (number > wanted.number()) {
                high = middle - 1;
            } else {
                return middle;
            }
        }
        return -(low + 1);
    }

    /** Copies a run of backends. */
    public void copy(int from, BackendState[] to, int at, int length) {
        System.arraycopy(nodes, from, to, at, length);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BackendList members ? Arrays.equals(nodes, members.nodes) : super.equals(other);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(nodes);
    }
}
