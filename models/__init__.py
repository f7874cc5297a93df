"""Training of the face model: data, network, losses, evaluation, export. The only place that imports torch.

It may import anything of `bridge`, so that training and serving share features and teacher; `bridge` never imports it.
"""
