package dev.evenkeel.lb.okhttp.internal.hedging;

import dev.evenkeel.lb.core.retry.RetryBudget;
import dev.evenkeel.lb.okhttp.internal.call.Destination;
import dev.evenkeel.lb.okhttp.internal.steering.AttachedPool;
import dev.evenkeel.lb.okhttp.retry.HedgePolicy;
import dev.evenkeel.lb.okhttp.retry.RetryBudgetStatus;
import dev.evenkeel.lb.okhttp.route.Route;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Finds the hedge policy of a destination, and keeps the budget accounts of policies. Thread-safe. */
public final class HedgePolicies {
    private static final int MAX_ACCOUNTS = 1_000;

    private final Supplier<@Nullable HedgePolicy> general;
    private final Map<AccountKey, RetryBudget.Account> accounts = new ConcurrentHashMap<>();

    /** Key of a budget account: each pool has one under each policy. */
    private record AccountKey(AttachedPool pool, HedgePolicy policy) {}

    /**
     * Makes policies without an account.
     *
     * @param general the policy where a route has none of its own; may give null for none
     */
    public HedgePolicies(Supplier<@Nullable HedgePolicy> general) {
        this.general = general;
    }

    /** Returns the route's policy, or else the general one; null if there is none. */
    public @Nullable HedgePolicy policy(Destination destination) {
        Route route = destination.route();
        HedgePolicy routes = route == null ? null : route.hedging();
        return routes == null ? general.get() : routes;
    }

    RetryBudget.Account account(Destination destination, HedgePolicy chosen) {
        if (accounts.size() >= MAX_ACCOUNTS) {
            accounts.clear(); // Of configurations that are gone.
        }
        return accounts.computeIfAbsent(
                new AccountKey(destination.pool(), chosen), a -> chosen.budget().open(System.nanoTime()));
    }

    /** Returns what is left of the budget; null if no policy is in force. */
    public @Nullable RetryBudgetStatus status(Destination destination, long nowNanos) {
        HedgePolicy chosen = policy(destination);
        if (chosen == null) {
            return null;
        }
        Route route = destination.route();
        String owner = route == null || route.hedging() == null ? "" : route.name();
        return new RetryBudgetStatus(
                destination.pool().name(), owner, account(destination, chosen).left(nowNanos));
    }
}
