package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.Backend;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tag by which the two requests of a hedged call are known.
 *
 * @param race which of them is handed out
 * @param second whether it is the second one
 * @param avoided where the first one has been
 * @param dispatch where the second one goes, which is where the first one went; null for the first
 */
public record HedgeTag(
        Race race,
        boolean second,
        List<Backend> avoided,
        @Nullable AttemptSender dispatch) {

    /** The race of the two requests, as these see it. */
    public interface Race {
        /** The first request has a backend. Called on its thread. */
        void firstStarts(AttemptSender chosen);

        /** How long ago the first request had a backend. */
        long elapsedNanos();
    }

    public static HedgeTag first(Race race) {
        return new HedgeTag(race, false, List.of(), null);
    }

    public static HedgeTag second(Race race, List<Backend> avoided, AttemptSender dispatch) {
        return new HedgeTag(race, true, avoided, dispatch);
    }
}
