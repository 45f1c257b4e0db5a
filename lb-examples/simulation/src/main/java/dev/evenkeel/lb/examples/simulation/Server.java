package dev.evenkeel.lb.examples.simulation;

import dev.evenkeel.lb.LoadReport;
import dev.evenkeel.lb.Outcome;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Some workers behind one queue, first in first out. It does not learn that a client has given up, as most do not: the
 * work is done all the same.
 */
final class Server {

    private static final long REFUSAL_NANOS = 1_000_000;

    final String id;

    private final Simulator simulator;
    private final int workers;
    private final double nominalSpeed;
    private final LoadMeter meter;
    private final Queue<Job> waiting = new ArrayDeque<>();
    private final List<Job> running = new ArrayList<>();
    private double slowdown = 1;
    private @Nullable Outcome refusal;
    private int accepted;

    Server(String id, Simulator simulator, int workers, double nominalSpeed) {
        this.id = id;
        this.simulator = simulator;
        this.workers = workers;
        this.nominalSpeed = nominalSpeed;
        this.meter = new LoadMeter(workers);
    }

    /** Takes a request of so much work; {@code answer} is called once, unless the server hangs for ever. */
    void accept(double workNanos, Consumer<Outcome> answer) {
        accepted++;
        if (refusal != null) {
            Outcome outcome = refusal;
            simulator.after(REFUSAL_NANOS, () -> {
                meter.failed(REFUSAL_NANOS, simulator.nanoTime());
                answer.accept(outcome);
            });
            return;
        }
        Job job = new Job(workNanos, answer);
        if (running.size() < workers) {
            start(job);
        } else {
            waiting.add(job);
        }
    }

    private void start(Job job) {
        running.add(job);
        meter.busy(running.size(), simulator.nanoTime());
        job.proceed();
    }

    private void finish(Job job, Outcome outcome) {
        running.remove(job);
        meter.served(simulator.nanoTime());
        meter.busy(running.size(), simulator.nanoTime());
        Job next = waiting.poll();
        if (next != null) {
            start(next);
        }
        job.answer.accept(outcome);
    }

    /** From now on everything takes so many times as long, what is running included; infinity is a hang. */
    void slowDown(double factor) {
        running.forEach(Job::pause);
        slowdown = factor;
        running.forEach(Job::proceed);
    }

    /** From now on every request is answered by this, at once. */
    void refuse(Outcome outcome) {
        refusal = outcome;
    }

    /** Loses what it has and refuses connections. */
    void crash() {
        refuse(Outcome.NEVER_SENT);
        List<Job> lost = new ArrayList<>(running);
        lost.addAll(waiting);
        running.forEach(Job::pause);
        running.clear();
        meter.busy(0, simulator.nanoTime());
        waiting.clear();
        lost.forEach(job -> job.answer.accept(Outcome.FAILED));
    }

    void recover() {
        refusal = null;
        slowDown(1);
    }

    boolean refuses() {
        return refusal != null;
    }

    double speed() {
        return nominalSpeed / slowdown;
    }

    double nominalSpeed() {
        return nominalSpeed;
    }

    int workers() {
        return workers;
    }

    /** How many requests have come to it. */
    int accepted() {
        return accepted;
    }

    /** What its responses say of its load. */
    LoadReport loadReport() {
        return meter.report(simulator.nanoTime());
    }

    int present() {
        return running.size() + waiting.size();
    }

    private final class Job {
        private final Consumer<Outcome> answer;
        private double workNanos;
        private long sinceNanos;
        private double speed;
        private Simulator.@Nullable Event end;

        Job(double workNanos, Consumer<Outcome> answer) {
            this.workNanos = workNanos;
            this.answer = answer;
        }

        void proceed() {
            sinceNanos = simulator.nanoTime();
            speed = speed();
            end = speed > 0 ? simulator.after((long) (workNanos / speed), () -> finish(this, Outcome.SUCCESS)) : null;
        }

        void pause() {
            if (end != null) {
                end.cancel();
            }
            workNanos = Math.max(0, workNanos - (simulator.nanoTime() - sinceNanos) * speed);
        }
    }
}
