package dev.evenkeel.lb.okhttp.route;

import dev.evenkeel.lb.okhttp.affinity.AffinityKey;
import dev.evenkeel.lb.okhttp.internal.http.Preconditions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Shares requests among pools by weight.
 *
 * <pre>{@code
 * Split.builder().pool("users", 95).pool("users-next", 5).build()
 * }</pre>
 *
 * <p>The shares are exact: with 95 and 5, of any twenty successive requests one goes to the second pool. Each client
 * counts for itself, with a start of its own. A sticky split uses a key of the request instead: the same key goes to
 * the same pool, at every client. If the last pool gains weight that the first one loses, keys move to the last pool,
 * and none away from it.
 *
 * @param shares at least one
 * @param sticky finds the key; null if the split is not sticky. Requests without a key are shared by count
 */
public record Split(List<Share> shares, @Nullable AffinityKey sticky) implements Target {
    /**
     * A pool's part.
     *
     * @param pool its name
     * @param weight 0 to 1,000,000; its share is the weight by the sum of all
     */
    public record Share(String pool, int weight) {
        /**
         * Checks.
         *
         * @throws IllegalArgumentException if the name is blank or the weight out of range
         */
        public Share {
            Preconditions.notBlank(pool, "pool");
            Preconditions.within(weight, 0, 1_000_000, "weight of pool \"" + Preconditions.printable(pool) + "\"");
        }
    }

    /**
     * Copies and checks.
     *
     * @throws IllegalArgumentException if there is no weight, or a pool is there twice, or there are more than 1,000
     */
    public Split {
        shares = List.copyOf(Preconditions.notNull(shares, "shares"));
        Preconditions.within(shares.size(), 1, 1_000, "the number of pools in a split");
        if (shares.stream().allMatch(share -> share.weight() == 0)) {
            throw new IllegalArgumentException("a split must have a pool with a weight above 0");
        }
        if (shares.stream().map(Share::pool).distinct().count() < shares.size()) {
            throw new IllegalArgumentException("a split must name each pool once: " + shares);
        }
    }

    /**
     * Starts a split.
     *
     * @return a builder without pools
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public List<String> pools() {
        return shares.stream().map(Share::pool).toList();
    }

    /** Collects pools. Reusable; not thread-safe. */
    public static final class Builder {
        private final List<Share> shares = new ArrayList<>();
        private @Nullable AffinityKey sticky;

        private Builder() {}

        /**
         * Adds a pool.
         *
         * @param name its name
         * @param weight 0 to 1,000,000
         * @return this
         * @throws IllegalArgumentException if the name is blank or the weight out of range
         */
        public Builder pool(String name, int weight) {
            shares.add(new Share(name, weight));
            return this;
        }

        /**
         * Makes requests with the same key go to the same pool.
         *
         * @param key finds it; default none
         * @return this
         * @throws IllegalArgumentException if null
         */
        public Builder sticky(AffinityKey key) {
            sticky = Preconditions.notNull(key, "sticky");
            return this;
        }

        /**
         * Makes the split.
         *
         * @return the split
         * @throws IllegalArgumentException if there is no weight, or a pool is there twice
         */
        public Split build() {
            return new Split(shares, sticky);
        }
    }
}
