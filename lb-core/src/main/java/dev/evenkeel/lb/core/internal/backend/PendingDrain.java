package dev.evenkeel.lb.core.internal.backend;

import dev.evenkeel.lb.BackendRegistry.DrainReport;
import dev.evenkeel.lb.spi.Scheduler;
import java.util.concurrent.CompletableFuture;

/** A {@code drain} or {@code remove} under way. */
public record PendingDrain(CompletableFuture<DrainReport> done, long sinceNanos, Scheduler.Cancellable deadline) {}
