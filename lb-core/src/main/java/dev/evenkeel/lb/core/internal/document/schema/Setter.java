package dev.evenkeel.lb.core.internal.document.schema;

/**
 * Takes a value of a field, with the place where it stands.
 *
 * @param <B> what is being built
 * @param <T> what the value means
 */
@FunctionalInterface
public interface Setter<B, T> {

    /**
     * Takes the value.
     *
     * @param target what is being built
     * @param value the value
     * @param path where it stands
     * @throws IllegalArgumentException if it is refused: the message becomes the fault
     */
    void set(B target, T value, String path);
}
