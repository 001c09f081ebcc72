"""What each setting of the reference's parameter files means to us: used, refused, or of no effect on the answer.

The keys, their values and defaults are those that the reference writes, with a comment each, into its own .prm files.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

OUTPUT_SECTIONS = {
    "Output",
    "Temporal Output",
    "Other Output",
    "Line List",
    "Notifications",
    "Run Options",
    "System",
}


@dataclass(frozen=True)
class Known:
    """A setting that can change the answer; `default` holds where the file is silent.

    `supported` maps values to what they mean, and is empty where any value is read. `refused` names values
    that the reference knows and we don't.
    """

    default: str = ""
    supported: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)


def _choice(default: str, supported: Mapping[str, str], refused: Mapping[str, str] | None = None) -> Known:
    return Known(default, supported, refused or {})


def _switch(what: str) -> Known:
    return Known("n", {"n": f"without {what}", "y": f"with {what}"})


def _unsupported(what: str) -> Known:
    return Known("n", {"n": f"without {what}"}, {"y": what})


def _absent(what: str) -> Known:
    return Known("", {"": f"no {what}"})


def _read(default: str = "") -> Known:
    return Known(default)


UNITS = {"1": "years", "2": "months", "3": "days", "4": "generic"}

KNOWN: Mapping[str, Known] = {
    "CaseFile": _read(),
    "ControlFile": _read(),
    "PopulationFile": _read(),
    "CoordinatesFile": _read(),
    "UseGridFile": _switch("a grid file"),
    "GridFile": _read(),
    "PrecisionCaseTimes": _choice("0", {"0": "none", **UNITS}),
    "StartDate": _read(),
    "EndDate": _read(),
    "CoordinatesType": _choice("0", {"0": "Cartesian", "1": "latitude and longitude"}),
    "AnalysisType": _choice(
        "1",
        {
            "1": "purely spatial",
            "2": "purely temporal",
            "3": "retrospective space-time",
            "4": "prospective space-time",
            "6": "prospective purely temporal",
        },
        {"5": "spatial variation in temporal trends", "7": "seasonal"},
    ),
    "ModelType": _choice(
        "0",
        {"0": "discrete Poisson", "1": "Bernoulli", "2": "space-time permutation"},
        {
            "3": "ordinal",
            "4": "exponential",
            "5": "normal",
            "6": "continuous Poisson",
            "7": "multinomial",
            "8": "rank",
            "9": "uniform time",
        },
    ),
    "ScanAreas": _choice("1", {"1": "high rates", "2": "low rates", "3": "high or low rates"}),
    "TimeAggregationUnits": _choice("0", {"0": "none", **UNITS}),
    "TimeAggregationLength": _read("1"),
    "StudyPeriodCheckType": _choice("0", {"0": "strict", "1": "relaxed"}),
    "GeographicalCoordinatesCheckType": _choice("0", {"0": "strict", "1": "relaxed"}),
    "UseLocationsNetworkFile": _unsupported("a network of locations"),
    "UseNeighborsFile": _unsupported("a neighbours file"),
    "UseMetaLocationsFile": _unsupported("a meta locations file"),
    "MultipleCoordinatesType": _choice(
        "0", {"0": "one per location"}, {"1": "at least one location", "2": "all locations"}
    ),
    "MultipleLocationsFile": _absent("file of multiple locations"),
    "MaxSpatialSizeInPopulationAtRisk": _read("50"),
    "UseMaxCirclePopulationFileOption": _unsupported("a max circle size file"),
    "UseDistanceFromCenterOption": _switch("a limit of distance"),
    "MaxSpatialSizeInDistanceFromCenter": _read("1"),
    "IncludePurelyTemporal": _unsupported("purely temporal clusters beside space-time ones"),
    "SpatialWindowShapeType": _choice("0", {"0": "circular", "1": "elliptic"}),
    "NonCompactnessPenalty": _choice("1", {"0": "none", "1": "medium", "2": "strong"}),
    "IsotonicScan": _choice("0", {"0": "standard"}, {"1": "monotone risk within the cluster"}),
    "MinimumTemporalClusterSize": _read("1"),
    "MaxTemporalSizeInterpretation": _choice("0", {"0": "percentage", "1": "time"}),
    "MaxTemporalSize": _read("50"),
    "IncludePurelySpatial": _unsupported("purely spatial clusters beside space-time ones"),
    "IncludeClusters": _choice("0", {"0": "all", "1": "alive"}, {"2": "a flexible window"}),
    "RiskLimitHighClusters": _unsupported("a lowest risk of high clusters"),
    "RiskLimitLowClusters": _unsupported("a highest risk of low clusters"),
    "MinimumCasesInLowRateClusters": _read("0"),
    "MinimumCasesInHighRateClusters": _read("2"),
    "TimeTrendAdjustmentType": _choice(
        "0",
        {"0": "none", "4": "time-stratified randomization"},
        {
            "1": "temporal nonparametric",
            "2": "log-linear with a given trend",
            "3": "log-linear with a calculated trend",
            "5": "quadratic with a calculated trend",
        },
    ),
    "TimeStratifiedAdjLength": _read("1"),
    "AdjustForWeeklyTrends": _switch("an adjustment for weekly trends"),
    "SpatialAdjustmentType": _choice(
        "0", {"0": "none"}, {"1": "spatially stratified randomization", "2": "spatial nonparametric"}
    ),
    "UseAdjustmentsByRRFile": _unsupported("a file of known relative risks"),
    "PValueReportType": _choice(
        "0", {"0": "default", "1": "standard Monte Carlo", "2": "early termination", "3": "Gumbel"}
    ),
    "EarlyTerminationThreshold": _read("50"),
    "ReportGumbel": _switch("Gumbel's p-value"),  # always reported
    "MonteCarloReps": _read("999"),
    "AdjustForEarlierAnalyses": _switch("an adjustment for earlier analyses"),
    "ProspectiveStartDate": _read(),
    "IterativeScan": _switch("an iterative scan"),
    "IterativeScanMaxIterations": _read("10"),
    "IterativeScanMaxPValue": _read("0.05"),
    "PerformStandardDrilldown": _unsupported("a drilldown"),
    "PerformBernoulliDrilldown": _unsupported("a Bernoulli drilldown"),
    "CalculateOliveira": _unsupported("Oliveira's F"),
    "ProspectiveFrequencyType": _choice(
        "0",
        {
            "0": "as the time aggregation",
            "1": "daily",
            "2": "weekly",
            "3": "monthly",
            "4": "quarterly",
            "5": "yearly",
        },
    ),
    "ProspectiveFrequency": _read("1"),
    "PerformPowerEvaluation": _unsupported("a power evaluation"),
    "ReportHierarchicalClusters": _choice("y", {"y": "hierarchical clusters"}, {"n": "Gini clusters only"}),
    "CriteriaForReportingSecondaryClusters": _choice(
        "0",
        {
            "0": "no geographical overlap",
            "1": "no centres in other clusters",
            "2": "no centres in more likely clusters",
            "3": "no centres in less likely clusters",
            "4": "no pairs of centres in each other's clusters",
            "5": "no restrictions",
        },
    ),
    "ReportGiniClusters": _unsupported("Gini clusters"),
    "UseReportOnlySmallerClusters": _unsupported("a smaller limit of reported clusters"),
    "EllipseShapes": _read("1.5,2,3,4,5"),
    "EllipseAngles": _read("4,6,9,12,15"),
    "SimulatedDataMethodType": _choice(
        "0",
        {"0": "null randomization"},
        {"1": "simulation by relative risks", "2": "simulated data from a file"},
    ),
}

# Details of what is refused once it is switched on, and wishes for files and maps that we don't write.
WITHOUT_EFFECT = {
    "LocationsNetworkFilename",
    "PurposeLocationsNetworkFile",
    "NeighborsFilename",
    "MetaLocationsFilename",
    "MaxSpatialSizeInMaxCirclePopulationFile",
    "MaxCirclePopulationFile",
    "IntervalStartRange",
    "IntervalEndRange",
    "RiskThresholdHighClusters",
    "RiskThresholdLowClusters",
    "AdjustmentsByKnownRelativeRisksFilename",
    "MultipleDataSetsPurposeType",
    "TimeTrendPercentage",
    "TimeTrendType",
    "NumBootstrapReplications",
    "OliveiraPvalueCutoff",
    "DrilldownMinimumClusterLocations",
    "DrilldownMinimumClusterCases",
    "DrilldownClusterCutoff",
    "DrilldownClusterPvalueCutoff",
    "DrilldownAdjustForWeeklyTrends",
    "PowerEvaluationsMethod",
    "PowerEvaluationTotalCases",
    "CriticalValueType",
    "CriticalValue05",
    "CriticalValue01",
    "CriticalValue001",
    "PowerEstimationType",
    "NumberPowerReplications",
    "AlternativeHypothesisFilename",
    "PowerEvaluationsSimulationMethod",
    "PowerEvaluationsSimulationSourceFilename",
    "ReportPowerEvaluationSimulationData",
    "PowerEvaluationsSimulationOutputFilename",
    "LaunchMapViewer",
    "CompressKMLtoKMZ",
    "IncludeClusterLocationsKML",
    "ThresholdLocationsSeparateKML",
    "GiniIndexClusterReportingType",
    "SpatialMaxima",
    "GiniIndexClustersPValueCutOff",
    "ReportGiniIndexCoefficents",
    "MaxSpatialSizeInPopulationAtRisk_Reported",
    "UseMaxCirclePopulationFileOption_Reported",
    "MaxSizeInMaxCirclePopulationFile_Reported",
    "UseDistanceFromCenterOption_Reported",
    "MaxSpatialSizeInDistanceFromCenter_Reported",
    "SimulatedDataInputFilename",
    "PrintSimulatedDataToFile",
    "SimulatedDataOutputFilename",
    "DataSet1-Name",
    "ResultsFile",
    "OutputGoogleEarthKML",
    "OutputShapefiles",
    "OutputCartesianGraph",
    "OutputGoogleMaps",
}

# What the reference itself writes about its output and its run; of no effect unless switched on.
ABOUT_OUTPUT = {
    "MostLikelyClusterEachCentroidASCII",
    "MostLikelyClusterEachCentroidDBase",
    "MostLikelyClusterCaseInfoEachCentroidASCII",
    "MostLikelyClusterCaseInfoEachCentroidDBase",
    "CensusAreasReportedClustersASCII",
    "CensusAreasReportedClustersDBase",
    "IncludeRelativeRisksCensusAreasASCII",
    "IncludeRelativeRisksCensusAreasDBase",
    "SaveSimLLRsASCII",
    "SaveSimLLRsDBase",
    "OutputTemporalGraphHTML",
    "TemporalGraphReportType",
    "TemporalGraphMostMLC",
    "TemporalGraphSignificanceCutoff",
    "CriticalValue",
    "ReportClusterRank",
    "PrintAsciiColumnHeaders",
    "ResultsTitle",
    "CutoffClusterLinelistCSV",
    "LineListIndividualCache",
    "EmailAlwaysSummary",
    "EmailAlwaysRecipients",
    "EmailCutoffSummary",
    "EmailCutoffRecipients",
    "EmailCutoffValue",
    "EmailAttachResults",
    "EmailIncludeResults",
    "CustomEmail",
    "CustomEmailSubjectLine",
    "CustomEmailMessageBody",
    "NumberParallelProcesses",
    "SuppressWarnings",
    "LogRunToHistoryFile",
    "ExecutionType",
    "Version",
}
