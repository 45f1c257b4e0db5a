package dev.evenkeel.lb.core.discovery;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.io.IOException;
import java.util.List;
import java.util.function.UnaryOperator;

/** A source that pushes what the test says, perhaps behind another one. */
public final class PushOrigin implements Origin {
    private final UnaryOperator<BackendDiscovery> around;
    private BackendDiscovery.Receiver receiver;
    private List<Backend> first;
    private boolean isWatched;

    public PushOrigin(UnaryOperator<BackendDiscovery> around) {
        this.around = around;
    }

    public PushOrigin() {
        this(source -> source);
    }

    @Override
    public BackendDiscovery discovery() {
        return around.apply(given -> {
            receiver = given;
            isWatched = true;
            if (first != null) {
                given.backends(first);
            }
            return () -> isWatched = false;
        });
    }

    public boolean isWatched() {
        return isWatched;
    }

    @Override
    public void has(List<Backend> backends) {
        if (receiver == null) {
            first = backends;
        } else {
            receiver.backends(backends);
        }
    }

    @Override
    public void isDown() {
        receiver.error(new IOException("connection refused"));
    }

    void leavesOut(String what) {
        receiver.ambientError(new IOException(what));
    }

    @Override
    public void talksNonsense() {
        receiver.error(new IllegalArgumentException("unexpected end of input"));
    }

    @Override
    public boolean hasTwice(Backend backend) {
        receiver.backends(List.of(backend, backend));
        return true;
    }

    @Override
    public boolean hasImpossible() {
        return false;
    }
}
