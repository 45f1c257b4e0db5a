package dev.evenkeel.lb.okhttp.internal.steering;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.RequestContext;
import java.util.List;

/** The context of a pick that can be repeated without some backends, as if these had been tried. */
public interface RepeatablePick extends RequestContext {
    /** Leaves a backend out of the next pick. */
    void addTried(Backend backend);

    /** Restores the list of tried backends. */
    void tried(List<Backend> before);
}
