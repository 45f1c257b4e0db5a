package dev.evenkeel.lb.core.internal.concurrent;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;

/**
 * A set of what is open at present, compared by identity. Thread-safe and without a lock. As long as it is small, an
 * addition and a removal allocate nothing: each takes one of a fixed number of slots. What finds no free slot goes into a
 * hash set.
 *
 * <p>An element is added with a key, and removed with the same. Keys should differ; a time in nanoseconds does.
 */
public final class OpenSet<T> {
    private static final int SLOT_BITS = 10;
    private static final int SLOTS = 1 << SLOT_BITS;
    /** How many neighbouring slots an element may be in. */
    private static final int MAX_PROBES = 8;

    private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

    private final AtomicReferenceArray<T> slots = new AtomicReferenceArray<>(SLOTS);
    private final Set<T> overflow = ConcurrentHashMap.newKeySet();

    /** Adds an element that is not in the set. */
    public void add(T element, long key) {
        int first = slot(key);
        for (int i = 0; i < MAX_PROBES; i++) {
            int slot = (first + i) % SLOTS;
            if (slots.get(slot) == null && slots.compareAndSet(slot, null, element)) {
                return;
            }
        }
        overflow.add(element);
    }

    /** Removes an element, if it is in the set. */
    public void remove(T element, long key) {
        int first = slot(key);
        for (int i = 0; i < MAX_PROBES; i++) {
            int slot = (first + i) % SLOTS;
            if (slots.get(slot) == element && slots.compareAndSet(slot, element, null)) {
                return;
            }
        }
        overflow.remove(element);
    }

    private static int slot(long key) {
        return (int) ((key * GOLDEN_RATIO) >>> (Long.SIZE - SLOT_BITS));
    }

    /** Hands on each element. An element that is added or removed meanwhile may be missed. */
    public void forEach(Consumer<? super T> consumer) {
        for (int i = 0; i < SLOTS; i++) {
            T element = slots.get(i);
            if (element != null) {
                consumer.accept(element);
            }
        }
        overflow.forEach(consumer);
    }
}
