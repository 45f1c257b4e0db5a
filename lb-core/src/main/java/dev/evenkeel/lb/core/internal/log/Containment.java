package dev.evenkeel.lb.core.internal.log;

/**
 * Says which failures of the application's code end where it was called. An {@link Error} of a listener, a strategy or
 * a check is contained like an exception: it is a fault of that code, such as a failed assertion, a missing class or an
 * endless recursion. Errors of the machine itself are not contained, except for a stack overflow.
 */
public final class Containment {
    private Containment() {}

    /**
     * Whether a failure is the machine's, such as {@link OutOfMemoryError}: it is thrown on as soon as the caller's
     * state is whole.
     *
     * @param failure what was thrown
     * @return true for a {@link VirtualMachineError} that is no {@link StackOverflowError}
     */
    public static boolean isFatal(Throwable failure) {
        return failure instanceof VirtualMachineError && !(failure instanceof StackOverflowError);
    }

    /**
     * Throws a failure on if it is the machine's. A caller that returns from this method has to deal with the failure.
     *
     * @param failure what was thrown
     */
    public static void rethrowFatal(Throwable failure) {
        if (isFatal(failure)) {
            throw (VirtualMachineError) failure;
        }
    }
}
