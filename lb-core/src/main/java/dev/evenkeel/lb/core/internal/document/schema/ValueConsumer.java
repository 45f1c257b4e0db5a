package dev.evenkeel.lb.core.internal.document.schema;

/** Where a value goes once its type is right; throws {@link IllegalArgumentException} to refuse it. */
@FunctionalInterface
interface ValueConsumer<T> {
    void take(T value, String path);
}
