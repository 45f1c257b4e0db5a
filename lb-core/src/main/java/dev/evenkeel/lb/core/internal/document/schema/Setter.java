package dev.evenkeel.lb.core.internal.document.schema;

/**
 * Takes a value of a field, with its path.
 *
 * @param <B> the type of the object being built
 * @param <T> the meaning of the value
 */
@FunctionalInterface
public interface Setter<B, T> {

    /**
     * Takes the value.
     *
     * @param target the object being built
     * @param value the value
     * @param path its path
     * @throws IllegalArgumentException if it is refused: the message becomes the fault
     */
    void set(B target, T value, String path);
}
