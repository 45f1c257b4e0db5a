package dev.evenkeel.lb.core.internal.log;

/**
 * Decides which failures of application code are caught where it was called. An {@link Error} of a listener, a strategy
 * or a check is contained like an exception: it is a fault of that code, such as a failed assertion, a missing class or
 * an endless recursion. Errors of the virtual machine are not contained, except for a stack overflow.
 */
public final class Containment {
    private Containment() {}

    /**
     * Whether a failure is the virtual machine's, such as {@link OutOfMemoryError}: it is rethrown as soon as the
     * caller's state is consistent.
     *
     * @param failure what was thrown
     * @return true for a {@link VirtualMachineError} that is no {@link StackOverflowError}
     */
    public static boolean isFatal(Throwable failure) {
        return failure instanceof VirtualMachineError && !(failure instanceof StackOverflowError);
    }

    /**
     * Rethrows a failure of the virtual machine. If this method returns, the caller must handle the failure.
     *
     * @param failure what was thrown
     */
    public static void rethrowFatal(Throwable failure) {
        if (isFatal(failure)) {
            throw (VirtualMachineError) failure;
        }
    }
}
