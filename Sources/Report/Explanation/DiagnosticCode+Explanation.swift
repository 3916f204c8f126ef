import Diagnostics

extension DiagnosticCode {
  /// What `edgepack explain CODE` says: when the code appears, and what to do. docs/errors.md has the same words; a test compares them.
  public var explanation: (reason: String, remedy: String) {
    switch self {
    case .fileNotFound:
      (
        """
        A file that the command line or a profile names does not exist. Usually a path that is relative to another folder, or a \
        typing error.
        """,
        """
        check the path; relative paths start at the folder that edgepack was started in.
        """
      )
    case .fileUnreadable:
      (
        """
        The file exists but cannot be read: no permission, a folder in place of a file, or a failing disk.
        """,
        """
        check with `ls -l FILE`; make it readable with `chmod +r FILE`.
        """
      )
    case .folderUnwritable:
      (
        """
        The result folder, or the folder that it would be made in, cannot be written.
        """,
        """
        choose another one with `-o FOLDER`, or make it writable. What was there before is untouched.
        """
      )
    case .foreignFolder:
      (
        """
        The result folder holds files that edgepack did not make. It does not mix its results with them, nor delete them.
        """,
        """
        choose an empty or new folder with `-o FOLDER`, or empty it yourself.
        """
      )
    case .folderBusy:
      (
        """
        Another edgepack is writing into the same result folder; its process number stands in the message. Two runs into \
        different folders do not disturb each other.
        """,
        """
        wait for the other run, stop it, or choose another folder with `-o FOLDER`. Nothing is left to be unlocked by hand: the \
        lock ends with the process that holds it, however it ends.
        """
      )
    case .noSpace:
      (
        """
        The disk that holds the named folder is full, or the user's share of it is. The message says what was needed, where that \
        is known, and what is free. Earlier results are untouched, and what was finished of the run is used by the next one.
        """,
        """
        make room, or choose a folder on another disk with `-o FOLDER`. `FOLDER/.edgepack` may be deleted at any time.
        """
      )
    case .corruptStage:
      (
        """
        A warning: a saved stage in `.edgepack/stages/` is damaged or cut off. It is not used; the stage is computed again and \
        saved anew.
        """,
        """
        nothing. If it comes back, look after the disk.
        """
      )
    case .corruptModel:
      (
        """
        The file is no ONNX model, or it is cut off or damaged: the message says what could not be read, and where in the file.
        """,
        """
        copy or export the file again; `python -c "import onnx; onnx.checker.check_model('FILE')"` is a second opinion.
        """
      )
    case .unsupportedOpset:
      (
        """
        The model was written for an operator set that edgepack does not know: older than 7, newer than the newest it has read, or \
        of another domain.
        """,
        """
        export the model again with the opset that the message names (`opset_version` in PyTorch's export).
        """
      )
    case .unsupportedOperator:
      (
        """
        The model holds operators that cannot run on a device yet. All of them are listed with the names of their nodes. Also a \
        model with several inputs or outputs, and `--emit hls` for one without a plain convolution.
        """,
        """
        cut the model before them when they only post-process, replace them in the training code, or export without them.
        """
      )
    case .unsupportedAttribute:
      (
        """
        An operator is supported, but not with this attribute or form, such as a dilation along one axis. The message names node \
        and attribute.
        """,
        """
        change the layer in the training code, or export it in the form that the message names.
        """
      )
    case .dynamicShape:
      (
        """
        An input has a dimension that is only known at run time. A static program needs it at pack time.
        """,
        """
        fix it with `--shape NAME=1,3,96,96`. The batch dimension needs no flag: it becomes 1.
        """
      )
    case .invalidGraph:
      (
        """
        The model contradicts itself: a node reads a tensor that nothing writes, shapes do not fit each other, or nodes form a \
        circle.
        """,
        """
        export the model again; if `onnx.checker.check_model(model, full_check=True)` accepts it, please report it as a bug.
        """
      )
    case .notFinite:
      (
        """
        Weights, or values computed from the data, contain NaN or infinity. Nothing can be quantized from them.
        """,
        """
        look for a diverged training or a broken export; use an earlier checkpoint. If the data holds NaN, clean it.
        """
      )
    case .corruptData:
      (
        """
        An npz or npy file is damaged, cut off, or of a form that is not supported (Python objects, unknown element types).
        """,
        """
        write it again with `numpy.savez` from plain number arrays.
        """
      )
    case .missingArray:
      (
        """
        The data file has no array of the name that was asked for, or no label array where labels are needed. The message lists \
        what it has.
        """,
        """
        name the arrays with `--input NAME` and `--label NAME`.
        """
      )
    case .shapeMismatch:
      (
        """
        The data does not have the shape or type that the model takes. Often the axes are in another order, or images are stored \
        as bytes.
        """,
        """
        compare both shapes in the message; for stored integers give `--input-scale` and `--input-offset`.
        """
      )
    case .emptyData:
      (
        """
        An array has no samples, so nothing can be calibrated or measured. Also labels of one kind only, where a metric needs \
        both.
        """,
        """
        check the script that wrote the file.
        """
      )
    case .fewSamples:
      (
        """
        A warning: there are fewer than 100 samples to calibrate with, so ranges may be off; or too few to show a loss as small as \
        the accuracy limit, so accuracy is measured but not judged.
        """,
        """
        give more samples with `--data`, or as many as the hint says with `--val`.
        """
      )
    case .unknownTarget:
      (
        """
        `--target` names no known profile. The message lists the known ones and the nearest.
        """,
        """
        use one of them, `native` for this machine, or the path of your own `.yaml` file. Folders in `EDGEPACK_TARGETS` are \
        searched first.
        """
      )
    case .profileSyntax:
      (
        """
        A target profile is no YAML: an unclosed bracket, a tab in the indentation, two documents in one file, or not UTF-8.
        """,
        """
        look at the place that the message shows; values that contain `: ` or `#` need quotes.
        """
      )
    case .profileValue:
      (
        """
        A value of a target profile cannot be what it is: a wrong unit, a word that is none of the choices, a list in place of a \
        number; or processor, operating system and board are a combination that no program can be made for. As a warning: figures \
        without a `source`.
        """,
        """
        write what the line with the caret expects, or what the hint says. Give a `source` for figures: measured, data sheet, or \
        published where.
        """
      )
    case .profileField:
      (
        """
        A target profile has a key that does not exist, lacks one that is needed, or has one twice. As a warning: a key that this \
        version does not use.
        """,
        """
        the hint names the nearest key; docs/adding-a-target.md lists all of them.
        """
      )
    case .invalidQuantity:
      (
        """
        A limit on the command line is no number with a unit that fits: `--max-ram 64`, `--max-flash 1pt`.
        """,
        """
        write the unit: `64MiB`, `400KiB`, `50ms`, `40mJ`, `0.8W`, `1pt`, `2%`.
        """
      )
    case .missingCosts:
      (
        """
        There is a limit on latency, energy or power, or a duty, but nothing that could be held against it: the profile has no \
        figures to predict it by, and the proof runs where no time can be measured. Judging it by nothing would let everything \
        fit.
        """,
        """
        add what the message names to the profile (docs/cost-model.md), or let the device be timed: `edgepack targets measure`.
        """
      )
    case .configurationSyntax:
      (
        """
        An `edgepack.yaml` is no YAML: an unclosed bracket, a tab in the indentation, two documents in one file, or not UTF-8.
        """,
        """
        look at the place that the message shows; values that contain `: ` or `#` need quotes.
        """
      )
    case .configurationField:
      (
        """
        An `edgepack.yaml` has a key that does not exist, one twice, or a value that its key does not take.
        """,
        """
        the hint names the nearest key; `edgepack init` writes a file with all of them, `--show-config` shows what counts.
        """
      )
    case .corruptPlan:
      (
        """
        A `plan.json` is no JSON, or lacks fields, or comes from a version whose plans differ.
        """,
        """
        pack without `--plan` to make a new one.
        """
      )
    case .planMismatch:
      (
        """
        A plan was made for another model: layers are missing, have other sizes or other names.
        """,
        """
        use the plan beside the model that it was made from, or pack without `--plan`.
        """
      )
    case .accumulatorOverflow:
      (
        """
        A layer adds so many products that a 32-bit sum could overflow for some input. The program would then be wrong, so it is \
        not made.
        """,
        """
        split the layer, or make it narrower; the message says how many products are too many.
        """
      )
    case .floatLayer:
      (
        """
        A warning: a layer keeps float32 weights and arithmetic, because it was asked for (`--keep-float`) or because int8 \
        cannot carry it. Its input and output are int8 like everybody's, and its bytes are as reproducible.
        """,
        """
        nothing, unless the extra bytes or the time matter; then split the layer, or scale its weights in training.
        """
      )
    case .multiplierRange:
      (
        """
        The scales of a layer's input, weights and output are so far apart that rescaling cannot be done exactly. Often a layer \
        has weights that are almost all zero, or the calibration data is constant.
        """,
        """
        check that the calibration data is typical, and that the layer was trained.
        """
      )
    case .missingTool:
      (
        """
        A program that is needed is not installed, such as the emulator that proves the target or the linker.
        """,
        """
        run the command that the hint gives; `edgepack doctor` checks the rest.
        """
      )
    case .incompleteInstallation:
      (
        """
        Files that belong to edgepack are not beside its program: target profiles, or the sources that device programs are \
        compiled from. Usually the program was copied alone.
        """,
        """
        run `make install PREFIX=FOLDER` in the sources of edgepack; copy or move such a folder as a whole.
        """
      )
    case .toolFailed:
      (
        """
        A program that edgepack started ended with an error. Its last lines are shown.
        """,
        """
        if they speak of memory or disk space, free some; else please report it as a bug with these lines.
        """
      )
    case .notABuild:
      (
        """
        A folder or file was given where a build of edgepack was expected, or parts of the build are missing or changed.
        """,
        """
        give the folder that `edgepack … -o FOLDER` wrote; pack again if files were removed.
        """
      )
    case .outputDiffers:
      (
        """
        The program on the device gives other bytes than the same program on the host. It must not be used.
        """,
        """
        this is a bug of edgepack or of the device's processor; please report it with the model's layers and the target.
        """
      )
    case .programFailed:
      (
        """
        The program ended early on the device: it crashed, ran out of memory, or took too long. The message has its exit code \
        and last words.
        """,
        """
        if the memory limit ended it (the message names it), give it more with `--max-ram`; else please report it as a bug.
        """
      )
    case .usage:
      (
        """
        The command line cannot be understood: an unknown flag, a missing value, flags that exclude each other, or a place in \
        `--on` where this build cannot run.
        """,
        """
        `edgepack COMMAND --help` shows what there is.
        """
      )
    case .interrupted:
      (
        """
        The run was stopped by Ctrl-C or SIGTERM; the exit code is 130. The message lists the stages that are saved; earlier \
        results are as they were.
        """,
        """
        give the same command again; it goes on with what is saved.
        """
      )
    case .internalError:
      (
        """
        edgepack broke one of its own rules. It stops rather than give a wrong answer; the exit code is 70.
        """,
        """
        please report it, with the command and the message.
        """
      )
    }
  }
}

extension Explanation {
  /// The long text of a code.
  public init(_ code: DiagnosticCode) {
    let text = code.explanation
    self.init(subject: code.rawValue, headline: "\(code.rawValue): \(text.reason)", remarks: ["What to do: \(text.remedy)"])
  }
}
