package dev.evenkeel.lb.okhttp.route;

import dev.evenkeel.lb.okhttp.internal.http.Preconditions;
import java.util.List;

/** Where a route sends its requests. */
public sealed interface Target permits Target.SinglePool, Split {
    /**
     * The pools that it may choose.
     *
     * @return their names, at least one
     */
    List<String> pools();

    /**
     * One pool.
     *
     * @param name its name
     */
    record SinglePool(String name) implements Target {
        /**
         * Checks.
         *
         * @throws IllegalArgumentException if the name is null or blank
         */
        public SinglePool {
            Preconditions.notBlank(name, "pool");
        }

        @Override
        public List<String> pools() {
            return List.of(name);
        }
    }
}
