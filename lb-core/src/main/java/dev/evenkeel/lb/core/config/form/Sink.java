package dev.evenkeel.lb.core.config.form;

/** Where a value goes once its type is right; throws {@link IllegalArgumentException} to refuse it. */
@FunctionalInterface
interface Sink<T> {
    void take(T value, String path);
}
