package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.Backend;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The request tag of the two requests of a hedged call.
 *
 * @param race decides which response is returned
 * @param second whether it is the second one
 * @param avoided the backends of the first request
 * @param sender the sender of the first request, which the second one uses, too; null for the first
 */
public record HedgeTag(
        Race race,
        boolean second,
        List<Backend> avoided,
        @Nullable AttemptSender sender) {

    /** The race of the two requests, as the requests use it. */
    public interface Race {
        /** Starts the delay: the first request has a backend. Called on its thread. */
        void firstStarts(AttemptSender chosen);

        /** The time since the first request had a backend. */
        long elapsedNanos();
    }

    public static HedgeTag first(Race race) {
        return new HedgeTag(race, false, List.of(), null);
    }

    public static HedgeTag second(Race race, List<Backend> avoided, AttemptSender sender) {
        return new HedgeTag(race, true, avoided, sender);
    }
}
