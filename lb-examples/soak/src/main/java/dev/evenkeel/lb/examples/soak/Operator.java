package dev.evenkeel.lb.examples.soak;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Adds, removes, drains, weighs and takes away backends, but leaves half of them in service. Thread-safe. */
final class Operator {
    private static final Duration DRAIN_DEADLINE = Duration.ofMillis(200);

    private final BackendRegistry registry;
    private final List<Backend> backends;
    private final Random random;
    /** What it has last said of each; absent for one that it has removed. */
    private final Map<String, AdminState> states = new HashMap<>();

    private long changes;

    Operator(BackendRegistry registry, List<Backend> backends, long seed) {
        this.registry = registry;
        this.backends = backends;
        this.random = new Random(seed);
        backends.forEach(backend -> states.put(backend.id(), AdminState.ACTIVE));
    }

    /** Makes one change. */
    synchronized void act() {
        changes++;
        Backend backend = backends.get(random.nextInt(backends.size()));
        String id = backend.id();
        @Nullable AdminState state = states.get(id);
        long active = states.values().stream().filter(AdminState.ACTIVE::equals).count();
        if (state == null) {
            registry.add(backend);
            states.put(id, AdminState.ACTIVE);
        } else if (state != AdminState.ACTIVE) {
            registry.activate(id);
            states.put(id, AdminState.ACTIVE);
        } else if (active <= backends.size() / 2) {
            registry.setWeight(id, 1 + random.nextInt(4));
        } else {
            retire(id);
        }
    }

    private void retire(String id) {
        switch (random.nextInt(3)) {
            case 0 -> {
                registry.remove(id);
                states.remove(id);
            }
            case 1 -> {
                registry.drain(id, DRAIN_DEADLINE);
                states.put(id, AdminState.DRAINING);
            }
            default -> {
                registry.maintenance(id);
                states.put(id, AdminState.MAINTENANCE);
            }
        }
    }

    /** Brings all servers back. */
    synchronized void bringAllBack() {
        for (Backend backend : backends) {
            AdminState state = states.put(backend.id(), AdminState.ACTIVE);
            if (state == null) {
                registry.add(backend);
            } else if (state != AdminState.ACTIVE) {
                registry.activate(backend.id());
            }
        }
    }

    synchronized long changes() {
        return changes;
    }
}
