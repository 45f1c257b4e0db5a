package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.internal.log.Containment;
import dev.evenkeel.lb.okhttp.internal.http.DefaultOutcomeRules;
import dev.evenkeel.lb.okhttp.retry.OutcomeClassifier;
import dev.evenkeel.lb.okhttp.retry.OutcomeClassifier.Ending;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import okhttp3.Headers;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** Calls the application's classifier. If that throws, the standard outcome counts and the call goes on. */
public final class SafeOutcomeClassifier {
    private static final System.Logger LOG = System.getLogger("dev.evenkeel.lb");

    private final OutcomeClassifier classifier;
    private final AtomicBoolean faultLogged = new AtomicBoolean();

    public SafeOutcomeClassifier(OutcomeClassifier classifier) {
        this.classifier = classifier;
    }

    public Outcome of(Request request, Response response, Headers trailers) {
        return ask(request, response, trailers, null, DefaultOutcomeRules.of(response, trailers));
    }

    Outcome of(Request request, IOException failure, Outcome standard) {
        boolean backendsDoing = standard != Outcome.CANCELLED && standard != Outcome.DISCARDED;
        return backendsDoing ? ask(request, null, Headers.EMPTY, failure, standard) : standard;
    }

    @SuppressWarnings("CatchingUnchecked") // whatever a user's classifier throws
    private Outcome ask(
            Request request,
            @Nullable Response response,
            Headers trailers,
            @Nullable IOException failure,
            Outcome standard) {
        if (classifier == OutcomeClassifier.standard()) {
            return standard;
        }
        try {
            Outcome outcome = classifier.classify(new Ending(request, response, trailers, failure, standard));
            if (outcome != null) {
                return outcome;
            }
            complain(new NullPointerException("it returned null"));
        } catch (Throwable e) {
            complain(e);
            Containment.rethrowFatal(e);
        }
        return standard;
    }

    private void complain(Throwable fault) {
        if (faultLogged.compareAndSet(false, true)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the outcome classifier failed (said once); the standard outcome counts",
                    fault);
        }
    }
}
