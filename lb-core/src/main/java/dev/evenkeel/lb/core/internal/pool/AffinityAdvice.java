package dev.evenkeel.lb.core.internal.pool;

import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.internal.log.Containment;
import dev.evenkeel.lb.core.internal.runtime.PoolLog;
import dev.evenkeel.lb.core.internal.strategy.hash.IpHash;
import dev.evenkeel.lb.core.strategy.ConsistentHash;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Logs once that requests have an affinity key which the strategy does not use, and once that a request lacks the key that
 * the strategy needs: both work, and neither does what was meant.
 *
 * <p>Strategies of an application's own are left alone: they may use the key in ways of their own.
 */
final class AffinityAdvice {
    /** The packages of the strategies that are known here. */
    private static final Pattern OURS = Pattern.compile("dev\\.evenkeel\\.lb\\.core\\.(internal\\.)?strategy\\..*");

    private final PoolLog log;
    private final AtomicBoolean unusedTold = new AtomicBoolean();
    private final AtomicBoolean missingTold = new AtomicBoolean();

    AffinityAdvice(PoolLog log) {
        this.log = log;
    }

    /** On the call path. A context that throws is the strategy's to report. */
    void look(RequestContext context, LoadBalancingStrategy strategy) {
        try {
            lookAt(context, strategy);
        } catch (RuntimeException | Error e) {
            Containment.rethrowFatal(e);
        }
    }

    private void lookAt(RequestContext context, LoadBalancingStrategy strategy) {
        if (strategy instanceof ConsistentHash) {
            if (!missingTold.get() && isEmpty(context.affinityKey()) && context.boundBackend() == null) {
                tell(
                        missingTold,
                        "a request has no affinity key, so consistentHash picks at random: give it one by affinityKey(…)"
                                + " of the client or the route, or of the RequestContext");
            }
        } else if (strategy instanceof IpHash) {
            if (!missingTold.get() && context.clientAddress() == null && context.boundBackend() == null) {
                tell(
                        missingTold,
                        "a request has no client address, so ipHash picks at random: give it one by clientAddress(…)"
                                + " of the client, or of the RequestContext");
            }
            unused(context, strategy);
        } else {
            unused(context, strategy);
        }
    }

    private void unused(RequestContext context, LoadBalancingStrategy strategy) {
        if (!unusedTold.get() && !isEmpty(context.affinityKey()) && isOurs(strategy)) {
            tell(
                    unusedTold,
                    "requests have an affinity key, which the strategy " + strategy.name()
                            + " does not use: choose consistentHash, or leave the key out");
        }
    }

    private static boolean isOurs(LoadBalancingStrategy strategy) {
        return OURS.matcher(strategy.getClass().getName()).matches();
    }

    private static boolean isEmpty(@Nullable String key) {
        return key == null || key.isEmpty();
    }

    private void tell(AtomicBoolean told, String text) {
        if (told.compareAndSet(false, true)) {
            log.pool(System.Logger.Level.WARNING, () -> text);
        }
    }
}
