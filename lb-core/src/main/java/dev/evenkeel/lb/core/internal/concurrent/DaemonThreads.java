package dev.evenkeel.lb.core.internal.concurrent;

import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The threads that Evenkeel starts: daemons with a name. */
public final class DaemonThreads {
    private DaemonThreads() {}

    /** Threads with the context class loader of the thread that needs them. */
    public static ThreadFactory named(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    /** Threads that outlive their first user, and so have no context class loader that they would keep from unloading. */
    public static ThreadFactory ofProcess(String name) {
        ThreadFactory threads = named(name);
        return task -> {
            Thread thread = threads.newThread(task);
            thread.setContextClassLoader(null);
            return thread;
        };
    }

    /** As many threads as there are tasks at the same moment, without a queue. An idle thread ends. */
    public static ThreadPoolExecutor onDemand(ThreadFactory threads, Duration idle) {
        return new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, idle.toNanos(), TimeUnit.NANOSECONDS, new SynchronousQueue<>(), threads);
    }

    /** At most one thread, with a queue. It ends when it is idle. */
    public static ThreadPoolExecutor oneOnDemand(ThreadFactory threads, Duration idle) {
        return new ThreadPoolExecutor(0, 1, idle.toNanos(), TimeUnit.NANOSECONDS, new LinkedBlockingQueue<>(), threads);
    }
}
