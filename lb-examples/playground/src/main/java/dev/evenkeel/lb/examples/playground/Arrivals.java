package dev.evenkeel.lb.examples.playground;

import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Calls that arrive as they please (a Poisson process), whether or not those before have ended: each on both sides at the same
 * time.
 */
final class Arrivals implements AutoCloseable {
    private static final int USERS = 500;
    /** A machine that cannot keep up skips arrivals, rather than to make them all at once later. */
    private static final long MAX_LATE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final List<Side> sides;
    private final ExecutorService callers = Executors.newCachedThreadPool(task -> daemon(task, "playground-caller"));
    private final Thread clock = daemon(this::run, "playground-arrivals");
    private volatile int perSecond;
    private volatile boolean over;

    Arrivals(List<Side> sides, int perSecond) {
        this.sides = sides;
        this.perSecond = perSecond;
    }

    void start() {
        clock.start();
    }

    int perSecond() {
        return perSecond;
    }

    void perSecond(int rate) {
        Behaviour.check("rate", rate, 1, 500);
        perSecond = rate;
    }

    private void run() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        long due = System.nanoTime();
        while (!over) {
            due += (long) (-Math.log(1 - random.nextDouble()) / perSecond * 1e9);
            due = Math.max(due, System.nanoTime() - MAX_LATE_NANOS);
            for (long left = due - System.nanoTime(); left > 0 && !over; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            int user = random.nextInt(USERS);
            long dueNanos = due;
            sides.forEach(side -> callers.execute(() -> side.call(user, dueNanos)));
        }
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void close() {
        over = true;
        LockSupport.unpark(clock);
        try {
            clock.join(TimeUnit.SECONDS.toMillis(10));
            callers.shutdown();
            callers.awaitTermination(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
