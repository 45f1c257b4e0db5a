package dev.evenkeel.lb.okhttp;

import dev.evenkeel.lb.Backend;
import java.util.List;

/**
 * The tag by which the two requests of a hedged call are known.
 *
 * @param race which of them is handed out
 * @param second whether it is the second one
 * @param avoided where the first one has been
 */
record Hedge(HedgeRace race, boolean second, List<Backend> avoided) {

    static Hedge first(HedgeRace race) {
        return new Hedge(race, false, List.of());
    }

    static Hedge second(HedgeRace race, List<Backend> avoided) {
        return new Hedge(race, true, avoided);
    }
}
