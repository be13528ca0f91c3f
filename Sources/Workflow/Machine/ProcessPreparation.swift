import Kernels

/// What is put right before anything else is done.
public enum ProcessPreparation {
    /// Starts the program again with better kernels where OpenBLAS did not know the processor; else does nothing.
    public static func chooseKernels() { BLASCore.correctForProcessor() }
}
