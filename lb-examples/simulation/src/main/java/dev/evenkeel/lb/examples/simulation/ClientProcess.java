package dev.evenkeel.lb.examples.simulation;

import dev.evenkeel.lb.spi.Scheduler;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;

/** Runs what a client does: at once, or when a pause ends, as if a garbage collection had stopped its threads. */
final class ClientProcess implements Scheduler {

    private final Simulator simulator;
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private boolean paused;

    ClientProcess(Simulator simulator) {
        this.simulator = simulator;
    }

    Simulator simulator() {
        return simulator;
    }

    void run(Runnable action) {
        if (paused) {
            waiting.add(action);
        } else {
            action.run();
        }
    }

    @Override
    public Cancellable schedule(Runnable task, Duration delay) {
        return simulator.schedule(() -> run(task), delay);
    }

    void pause() {
        paused = true;
    }

    /** Ends a pause: everything that came meanwhile runs now, in the order in which it came. */
    void resume() {
        paused = false;
        for (Runnable action = waiting.poll(); action != null; action = waiting.poll()) {
            action.run();
        }
    }
}
