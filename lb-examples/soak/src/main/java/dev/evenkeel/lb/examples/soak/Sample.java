package dev.evenkeel.lb.examples.soak;

import java.io.File;
import java.lang.management.ManagementFactory;

/**
 * What the process holds while no call is under way.
 *
 * @param calls made so far
 * @param heapBytes in use after a collection
 * @param threads alive
 * @param descriptors open files and sockets; -1 where there is no {@code /proc}
 */
record Sample(int calls, long heapBytes, int threads, int descriptors) {

    static Sample take(int calls) {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        String[] descriptors = new File("/proc/self/fd").list();
        return new Sample(
                calls,
                ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                ManagementFactory.getThreadMXBean().getThreadCount(),
                descriptors == null ? -1 : descriptors.length);
    }
}
