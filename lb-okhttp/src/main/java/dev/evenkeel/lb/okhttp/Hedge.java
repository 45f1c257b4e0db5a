package dev.evenkeel.lb.okhttp;

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
record Hedge(
        HedgeRace race,
        boolean second,
        List<Backend> avoided,
        @Nullable Dispatch dispatch) {

    static Hedge first(HedgeRace race) {
        return new Hedge(race, false, List.of(), null);
    }

    static Hedge second(HedgeRace race, List<Backend> avoided, Dispatch dispatch) {
        return new Hedge(race, true, avoided, dispatch);
    }
}
