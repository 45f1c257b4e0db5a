package dev.evenkeel.lb.okhttp;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.log.Containment;
import dev.evenkeel.lb.okhttp.OutcomeClassifier.Ending;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import okhttp3.Headers;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** Asks the classifier of one interceptor. One that fails must cost neither the call nor its accounting. */
final class Classification {
    private static final System.Logger LOG = System.getLogger("dev.evenkeel.lb");

    private final OutcomeClassifier classifier;
    private final AtomicBoolean faultLogged = new AtomicBoolean();

    Classification(OutcomeClassifier classifier) {
        this.classifier = classifier;
    }

    Outcome of(Request request, Response response, Headers trailers) {
        return ask(request, response, trailers, null, Outcomes.of(response, trailers));
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
        if (classifier == Outcomes.STANDARD) {
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
