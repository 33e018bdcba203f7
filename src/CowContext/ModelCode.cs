using RcuModel.Primitives;

[assembly: ModelCode]
