package dev.evenkeel.lb.core.internal.document.schema;

/** Takes a value of the right type; throws {@link IllegalArgumentException} to refuse it. */
@FunctionalInterface
interface ValueConsumer<T> {
    void take(T value, String path);
}
