package dev.evenkeel.lb.core.internal.pool;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.snapshot.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What keeps one request from a backend beyond the backend's own state, and what lets it use one all the same. Most
 * requests have nothing of it: a lease makes this object when there is something to remember. Used by one thread.
 */
final class PickConstraints {
    final List<Backend> tried;
    final @Nullable Predicate<Backend> permitted;
    private @Nullable List<BackendState> refused;
    /** A backend with room was skipped because its trial or slow start takes no further calls now. */
    private boolean passedOver;
    /** No better backend is left: trials and slow start do not hold this request back. */
    private boolean lastResort;
    /** No eligible backend is left: passive health does not hold this request back either. */
    private boolean ignoringPassiveHealth;
    /** The request's random number for slow-start admission; negative until it is drawn. */
    private double slowStartDraw = -1;

    PickConstraints(List<Backend> tried, @Nullable Predicate<Backend> permitted) {
        this.tried = tried;
        this.permitted = permitted;
    }

    /** Whether the request may use this backend, whatever the backend's state. */
    boolean allows(BackendState asked) {
        return !isTried(asked) && !isRefused(asked) && permits(asked);
    }

    boolean isTried(BackendState asked) {
        return !tried.isEmpty() && Snapshot.isTried(asked, tried);
    }

    /** Whether the request's own predicate permits this backend. */
    boolean permits(BackendState asked) {
        return permitted == null || permitted.test(asked.backend());
    }

    boolean isRefused(BackendState asked) {
        List<BackendState> list = refused;
        return list != null && list.contains(asked);
    }

    void refuse(BackendState unavailable) {
        List<BackendState> list = refused;
        if (list == null) {
            list = new ArrayList<>(2);
            refused = list;
        }
        list.add(unavailable);
    }

    void passOver() {
        passedOver = true;
    }

    /** Ignores trials and slow start from now on, if a backend was skipped because of them. Returns whether it does now. */
    boolean becomesLastResort() {
        if (lastResort || !passedOver) {
            return false;
        }
        lastResort = true;
        refused = null;
        return true;
    }

    void ignorePassiveHealth() {
        lastResort = true;
        ignoringPassiveHealth = true;
    }

    boolean isIgnoringPassiveHealth() {
        return ignoringPassiveHealth;
    }

    boolean isLastResort() {
        return lastResort;
    }

    /** The request's random number for slow-start admission; negative until it is drawn. */
    double slowStartDraw() {
        return slowStartDraw;
    }

    void slowStartDraw(double drawn) {
        slowStartDraw = drawn;
    }
}
