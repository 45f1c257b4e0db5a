package dev.evenkeel.lb.core.internal.concurrent;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Looks up handles to fields. They belong into static final constants: only then they cost nothing. */
public final class VarHandles {
    private VarHandles() {}

    /**
     * The handle to a field of the class that looks it up.
     *
     * @param owner {@code MethodHandles.lookup()} of that class
     */
    public static VarHandle field(MethodHandles.Lookup owner, String name, Class<?> type) {
        try {
            return owner.findVarHandle(owner.lookupClass(), name, type);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
