package dev.evenkeel.lb.core;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.Collection;
import java.util.RandomAccess;

/**
 * Backends in the order in which they joined the pool. Immutable, and made and copied as arrays are: a look at each of 10,000
 * backends costs a hundred times what the copy of their references does.
 */
final class Members extends AbstractList<BackendNode> implements RandomAccess {
    static final Members NONE = new Members(new BackendNode[0]);

    private final BackendNode[] nodes;

    private Members(BackendNode[] nodes) {
        this.nodes = nodes;
    }

    /** These, of an array that nobody writes any more. */
    static Members of(BackendNode[] nodes) {
        return new Members(nodes);
    }

    static Members copyOf(Collection<BackendNode> nodes) {
        return nodes instanceof Members members ? members : new Members(nodes.toArray(BackendNode[]::new));
    }

    @Override
    public BackendNode get(int index) {
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

    /** Where a backend is, or, as {@link Arrays#binarySearch}, where it would be. */
    int find(BackendNode wanted) {
        return find(nodes, nodes.length, wanted);
    }

    /** As {@link #find(BackendNode)}, in the first so many of an array. */
    static int find(BackendNode[] nodes, int size, BackendNode wanted) {
        int low = 0;
        int high = size - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            long number = nodes[middle].number;
            if (number < wanted.number) {
                low = middle + 1;
            } else if (number > wanted.number) {
                high = middle - 1;
            } else {
                return middle;
            }
        }
        return -(low + 1);
    }

    /** Copies a run of them. */
    void copy(int from, BackendNode[] to, int at, int length) {
        System.arraycopy(nodes, from, to, at, length);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Members members ? Arrays.equals(nodes, members.nodes) : super.equals(other);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(nodes);
    }
}
