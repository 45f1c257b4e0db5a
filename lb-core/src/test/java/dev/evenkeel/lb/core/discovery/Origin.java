package dev.evenkeel.lb.core.discovery;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.util.List;

/** Where a source under test looks, in the hands of the test. Backends are {@code http://10.x.x.x:port} without more. */
public interface Origin {

    /** The source. */
    BackendDiscovery discovery();

    /** From now on it has these. */
    void has(List<Backend> backends);

    /** From now on it cannot be asked. */
    void isDown();

    /** From now on it talks nonsense. */
    void talksNonsense();

    /** From now on it has one backend twice; false if it cannot have. */
    boolean hasTwice(Backend backend);

    /** From now on it has a backend that cannot be one; false if it cannot have. */
    boolean hasImpossible();

    /** Whether its answers carry weights. */
    default boolean knowsWeights() {
        return true;
    }
}
