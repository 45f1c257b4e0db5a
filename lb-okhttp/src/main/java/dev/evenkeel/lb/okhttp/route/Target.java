package dev.evenkeel.lb.okhttp.route;

import dev.evenkeel.lb.okhttp.internal.http.Preconditions;
import java.util.List;

/** Where a route sends its requests. */
public sealed interface Target permits Target.Pool, Split {
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
    record Pool(String name) implements Target {
        /**
         * Checks.
         *
         * @throws IllegalArgumentException if the name is null or blank
         */
        public Pool {
            Preconditions.notBlank(name, "pool");
        }

        @Override
        public List<String> pools() {
            return List.of(name);
        }
    }
}
